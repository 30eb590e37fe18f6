package fleet_test

import (
	"crypto/x509"
	"fmt"
	"time"

	"certgen/certs"
	"certgen/certs/lint"
	"certgen/render/report/inventory"
	"certgen/secrets/fleet"
)

func ExampleExaminer_Entry() {
	request, err := certs.Spec{Name: "web", DNSNames: []string{"web.example"}}.Request()
	if err != nil {
		fmt.Println(err)
		return
	}
	pair, _, err := certs.Issue(request, certs.SelfSigned{}, time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	x := &fleet.Examiner{Now: time.Now().AddDate(0, 9, 0), Roots: x509.NewCertPool}
	e := x.Entry(inventory.Entry{Kind: "Secret", Name: "web-tls"}, fleet.Held{Target: lint.Target{Chain: []*x509.Certificate{pair.Leaf}, Key: pair.Key}})
	fmt.Println(e.Ref(), e.State, e.Names, e.Findings[0].ID)
	// Output: secret/web-tls due [web.example] due-for-renewal
}
