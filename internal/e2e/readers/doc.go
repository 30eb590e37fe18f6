// Package readers gives what certgen makes to the programs that will have to accept it, openssl, GnuTLS, NSS, Java,
// curl, nginx, kubectl and zlint, and holds against them what certgen says of faulty certificates and servers.
package readers
