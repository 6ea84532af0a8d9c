package provider

// country is where the banks of the tables below are, as ISO 3166 has it, small.
const country = "ng:"

// clearing are Nigeria's banks: by the code under which the Central Bank knows them,
// the six digits by which NIBSS Instant Payments does, and what Okra calls them.
var clearing = []struct {
	cbn, nip string
	slugs    []string
}{
	{"011", "000016", []string{"first-bank-of-nigeria"}},
	{"023", "000009", []string{"citibank", "citibank-nigeria"}},
	{"030", "000020", []string{"heritage-bank"}},
	{"032", "000018", []string{"union-bank-of-nigeria"}},
	{"033", "000004", []string{"united-bank-for-africa"}},
	{"035", "000017", []string{"alat", "wema-bank"}}, // ALAT is a brand of Wema's
	{"044", "000014", []string{"access-bank"}},
	{"050", "000010", []string{"ecobank", "ecobank-nigeria"}},
	{"057", "000015", []string{"zenith-bank"}},
	{"058", "000013", []string{"guaranty-trust-bank"}},
	{"068", "000021", []string{"standard-chartered-bank", "standard-chartered"}},
	{"070", "000007", []string{"fidelity-bank"}},
	{"076", "000008", []string{"polaris-bank"}},
	{"082", "000002", []string{"keystone-bank"}},
	{"100", "000022", []string{"suntrust-bank"}},
	{"101", "000023", []string{"providus-bank"}},
	{"102", "000025", []string{"titan-trust-bank"}},
	{"103", "000027", []string{"globus-bank"}},
	{"214", "000003", []string{"first-city-monument-bank"}},
	{"215", "000011", []string{"unity-bank"}},
	{"221", "000012", []string{"stanbic-ibtc-bank"}},
	{"232", "000001", []string{"sterling-bank"}},
	{"301", "000006", []string{"jaiz-bank"}},
	{"302", "000026", []string{"taj-bank"}},
}

var keyByCode, keyBySlug = func() (byCode, bySlug map[string]string) {
	byCode, bySlug = map[string]string{}, map[string]string{}
	for _, b := range clearing {
		byCode[b.cbn], byCode[b.nip] = country+b.cbn, country+b.cbn
		for _, slug := range b.slugs {
			bySlug[slug] = country + b.cbn
		}
	}
	return byCode, bySlug
}()

// KeyOfCode is the [Bank.Key] of a bank by its clearing code or its six digits, which
// providers mix up. Empty: no such bank is known.
func KeyOfCode(code string) string { return keyByCode[code] }

// KeyOfSlug is the [Bank.Key] of a bank by what Okra calls it. Empty: no such bank is
// known.
func KeyOfSlug(slug string) string { return keyBySlug[slug] }
