package form

import "math/big"

// rocaPrimes are the first odd primes: modulo each, the modulus of a key from Infineon's library RSALib is a power of
// 65537 (CVE-2017-15361, https://crocs.fi.muni.cz/public/papers/rsa_ccs17). A modulus of another make is one by chance
// once in 2^27 or less. Those are left out modulo which 65537 generates all.
var rocaPrimes = []int64{11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157}

// isROCA looks for the fingerprint, in every modulus but one in a few at the first primes.
func isROCA(n *big.Int) bool {
	remainder, prime := new(big.Int), new(big.Int)
	for _, p := range rocaPrimes {
		rest := remainder.Mod(n, prime.SetInt64(p)).Int64()
		for power, tries := int64(1), int64(0); power != rest; tries++ {
			if power = power * 65537 % p; tries > p {
				return false
			}
		}
	}
	return true
}
