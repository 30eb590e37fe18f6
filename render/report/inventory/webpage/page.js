"use strict";
(() => {
	const byId = id => document.getElementById(id);
	const now = Number(document.body.dataset.now);
	const rules = JSON.parse(byId("rules").textContent);

	// The entries are read as far as they are looked at; a filter looks at all.
	const total = Number(document.body.dataset.total);
	const rows = [], unread = [...document.querySelectorAll("script.rows")];
	const read = n => {
		while (rows.length < n && unread.length) for (const row of JSON.parse(unread.shift().textContent)) rows.push(row);
	};

	// What is chosen: each filter is off with undefined or "".
	const chosen = {};
	const selects = { kind: "k", namespace: "n", manager: "m" };
	const wanted = row => {
		if (chosen.state && row.s !== chosen.state) return false;
		if (chosen.period && (!row.c || row.e < chosen.period.from || chosen.period.until && row.e >= chosen.period.until)) return false;
		if (chosen.issuer !== undefined && row.i !== chosen.issuer) return false;
		for (const id in selects) if (chosen[id] && row[selects[id]] !== chosen[id]) return false;
		return !chosen.text || searchable(row).includes(chosen.text);
	};
	const searchable = row => row.text ??= [row.r, row.n, row.k, row.y, row.u, row.i, row.m, ...row.a ?? [], ...row.o ?? [], ...(row.f ?? []).map(n => rules[n].id)].join("\n").toLowerCase();

	// The list grows by a batch whenever its end comes into view.
	const batch = 100;
	let matching = rows, built = 0;
	const entries = byId("entries"), more = byId("more"), layout = byId("entry").content.firstElementChild;
	const plural = (n, what) => n.toLocaleString("en") + " " + what + (n === 1 ? "" : "s");
	const span = seconds => seconds >= 86400 ? plural(Math.floor(seconds / 86400), "day") : seconds >= 3600 ? plural(Math.floor(seconds / 3600), "hour") : plural(Math.floor(seconds / 60), "minute");
	const date = seconds => new Date(seconds * 1000).toISOString().replace(".000", "");
	const left = row => !row.c ? "unreadable" : row.e < now ? "expired " + span(now - row.e) + " ago" : span(row.e - now) + " left";
	const build = row => {
		const item = layout.cloneNode(true);
		const put = (name, text) => { item.querySelector("." + name).textContent = text; };
		put("state", row.s);
		item.querySelector(".state").classList.add(row.s);
		put("ref", (row.n && !row.r.includes("/" + row.n + "/") ? row.n + (row.N > 1 ? " +" + (row.N - 1) : "") + " " : "") + row.r);
		put("names", row.a ? row.a[0] + (row.a.length + (row.A ?? 0) > 1 ? " +" + (row.a.length + (row.A ?? 0) - 1) : "") : row.u ?? "");
		put("left", left(row));
		put("found", row.f ? plural(row.f.length, "finding") : "");
		item.firstElementChild.addEventListener("toggle", () => describe(item.querySelector("dl"), row), { once: true });
		return item;
	};
	const describe = (list, row) => {
		const add = (name, ...values) => {
			if (!values.length || values[0] === undefined || values[0] === "") return;
			const term = document.createElement("dt"), detail = document.createElement("dd");
			term.textContent = name;
			detail.append(...values);
			list.append(term, detail);
		};
		const paragraph = (...parts) => { const p = document.createElement("p"); p.append(...parts); return p; };
		const marked = (text, kind) => { const s = document.createElement("span"); s.className = kind; s.textContent = text; return s; };
		add("Subject", row.u);
		add("Names", row.a && row.a.join(", ") + (row.A ? " and " + row.A + " more" : ""));
		if (row.c) {
			add("Issuer", row.i ?? "itself");
			add("Valid", date(row.b) + " to " + date(row.e));
		}
		if (row.c > 1) add("Certificates", String(row.c));
		add("Renews", row.w ? "after " + date(row.w) : undefined);
		add("Stands in", row.k + (row.n ? ", namespace " + row.n : "") + (row.N > 1 ? " and " + (row.N - 1) + " more" : "") + (row.y ? ", " + row.y : ""));
		add("Managed by", row.m);
		add("Used by", row.o && row.o.join(", "));
		if (row.f) add("Findings", ...row.f.map(n => paragraph(marked(rules[n].severity, rules[n].severity), " " + rules[n].id + ". Breaks: " + rules[n].breaks + ". Mend: " + rules[n].mend + ".")));
	};
	const grow = n => {
		if (matching === rows) read(built + n);
		const part = document.createDocumentFragment();
		for (const end = Math.min(built + n, matching.length); built < end; built++) part.append(build(matching[built]));
		entries.append(part);
		more.hidden = built === (matching === rows ? total : matching.length);
	};
	const refresh = () => {
		matching = rows;
		if (Object.values(chosen).some(value => value !== undefined && value !== "")) {
			read(total);
			matching = rows.filter(wanted);
		}
		built = 0;
		entries.replaceChildren();
		grow(batch);
		byId("shown").textContent = (matching === rows ? "" : matching.length.toLocaleString("en") + " of ") + total.toLocaleString("en") + " in all";
	};

	// Filters: buttons are on or off, one of a kind at a time.
	const buttons = [...document.querySelectorAll("button[data-filter]")];
	for (const button of buttons) {
		button.addEventListener("click", () => {
			const { filter, state, from, until, issuer } = button.dataset;
			const on = button.getAttribute("aria-pressed") !== "true";
			for (const other of buttons) if (other.dataset.filter === filter) other.setAttribute("aria-pressed", String(on && other === button));
			chosen[filter] = on ? { state, issuer, period: { from: Number(from), until: Number(until) } }[filter] : undefined;
			refresh();
		});
	}
	let typing;
	byId("search").addEventListener("input", event => {
		clearTimeout(typing);
		typing = setTimeout(() => { chosen.text = event.target.value.trim().toLowerCase(); refresh(); }, 150);
	});
	for (const id in selects) byId(id).addEventListener("change", event => { chosen[id] = event.target.value; refresh(); });
	const filters = byId("filters");
	filters.addEventListener("submit", event => event.preventDefault());
	filters.addEventListener("reset", () => {
		for (const name in chosen) delete chosen[name];
		for (const button of buttons) button.setAttribute("aria-pressed", "false");
		refresh();
	});
	more.addEventListener("click", () => grow(batch));
	new IntersectionObserver(seen => { if (seen[0].isIntersecting) grow(batch); }, { rootMargin: "1000px" }).observe(more);

	// On paper there is nothing to open: what has findings is open already, up to as much as anybody prints.
	addEventListener("beforeprint", () => {
		grow(2000);
		for (const found of entries.querySelectorAll(".found:not(:empty)")) found.closest("details").open = true;
	});
	refresh();
})();
