package render
import ("testing";"time";"fmt")
func TestZZ(t *testing.T){
 for _,q := range []string{"1e9","1e99","1e9999","1e999999","1e9999999","1e-999999","1e-9999999","1E99999999","9e2147483647","1e-2147483648","0.1e300","0x10","1_000","1.5e99999", "1e-99999"} {
  done:=make(chan string,1); t0:=time.Now()
  go func(){ objs,err:=Decode([]byte("apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{resources: {limits: {cpu: \""+q+"\"}}}]}}}\n")); d:=time.Since(t0); s:=""; if err==nil{b,e:=Encode(YAML,objs...); if len(b)>200 {s=fmt.Sprint(len(b),e)} else {s=string(b[len(b)-20:])}}; done<-fmt.Sprint(d,time.Since(t0),err,s)}()
  select{case s:=<-done: t.Log(q,s); case <-time.After(5*time.Second): t.Log(q,"STUCK")}
 }
}
