package webpage

import (
	"certgen/certs/pki"
)

// head is the page until the first thing to see.
func (p Page) head(m *markup) {
	m.add(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Certificates of %s</title>`, hash(style), hash(script), p.Title)
	m.own("style", style)
	m.add(`</head>
<body data-now="%d" data-total="%d">
<a class="skip" href="#list">Go to the list</a>
<header>
<h1>Certificates</h1>`, int(p.Now.Unix()), len(p.Entries))
	made := pki.FormatTime(p.Now)
	m.add(`<p>of %s, as of <time datetime="%s">%s</time></p>`, p.Title, made, made)
	for _, note := range p.Notes {
		m.add(`<p class="note">%s</p>`, note)
	}
	m.add(`</header>
<main>`)
}

// overview is the timeline, and who issued the certificates.
func (p Page) overview(m *markup) {
	m.add(`<div class="overview">
<section aria-labelledby="timeline-title">
<h2 id="timeline-title">When they end</h2>
<ol class="timeline">`)
	for _, t := range timeline(p.Entries, p.Now) {
		m.add(`<li><button type="button" aria-pressed="false" data-filter="period" data-from="%d" data-until="%d"><span>%s</span>`+
			` <svg class="%s" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="%d" height="10"/></svg>`+
			` <span class="count">%d</span></button></li>`, int(t.From), int(t.Until), t.Name, t.Class, t.Width, t.Count)
	}
	m.add(`</ol>
</section>
<section aria-labelledby="authorities-title">
<h2 id="authorities-title">Who issued them</h2>`)
	if all := trees(p.Entries, p.Authorities, p.Now); len(all) > 0 {
		m.add(`<ul class="tree">`)
		m.trees(all)
		m.add(`</ul>`)
	} else {
		m.add(`<p>No certificate names another as its issuer.</p>`)
	}
	m.add(`</section>
</div>`)
}

// trees are the CAs of one depth, with those below.
func (m *markup) trees(all []tree) {
	for _, t := range all {
		m.add(`<li><button type="button" aria-pressed="false" data-filter="issuer" data-issuer="%s">%s</button> <span class="count">%d</span>`, t.Raw, t.Name, t.Issued)
		if t.Until != "" {
			m.add(` <span class="until %s">until %s</span>`, t.Class, t.Until)
		} else {
			m.add(` <span class="until">its certificate is not here</span>`)
		}
		if len(t.Below) > 0 {
			m.add(`<ul>`)
			m.trees(t.Below)
			m.add(`</ul>`)
		}
		m.add(`</li>`)
	}
}

// list is the list with its filters; the script fills it.
func (p Page) list(m *markup) {
	m.add(`<section aria-labelledby="list">
<h2 id="list" tabindex="-1">The most urgent first</h2>
<form id="filters" role="search" aria-label="Filters" autocomplete="off">
<div class="states" role="group" aria-label="State">`)
	for _, s := range states(p.Entries) {
		m.add(`<button type="button" aria-pressed="false" data-filter="state" data-state="%s"><span class="state %s">%s</span> <span class="count">%d</span></button>`, s.State, s.State, s.State, s.Count)
	}
	m.add(`</div>
<label class="search">Search <input type="search" id="search" placeholder="a name, an issuer, who uses it"></label>`)
	c := choices(p.Entries)
	for _, s := range []struct {
		label, id string
		options   []string
	}{{"Kind", "kind", c.Kinds}, {"Namespace", "namespace", c.Namespaces}, {"Managed by", "manager", c.Managers}} {
		m.add(`<label>%s <select id="%s"><option value="">any</option>`, s.label, s.id)
		for _, option := range s.options {
			m.add(`<option>%s</option>`, option)
		}
		m.add(`</select></label>`)
	}
	m.add(`<button type="reset">Clear all filters</button>
</form>
<p id="shown" role="status">%d in all</p>
<noscript><p class="note">The list needs this page's own script. Without it: certgen list -o table</p></noscript>
<ul id="entries"></ul>
<button type="button" id="more" hidden>Show more</button>
</section>
</main>
<template id="entry"><li><details><summary><span class="state"></span> <span class="ref"></span> <span class="names"></span> <span class="left"></span> <span class="found"></span></summary><dl></dl></details></li></template>`, len(p.Entries))
}
