package monosim

// Every bank takes this log-in and sends this code: user_good and 123456 stand in the
// partners' sandbox guide (2025-07-28).
const (
	goodUser     = "user_good"
	goodPassword = "123456"
	sandboxOTP   = "123456"
)

// A bank is an institution, with the code of the CBN and that of NIP: webhooks have
// either under one name.
type bank struct{ ID, Name, Code, NIP, Kind, Colour string }

const (
	personal = "PERSONAL_BANKING"
	business = "BUSINESS_BANKING"
)

var (
	access   = newBank(0, "Access Bank", "044", "000014", personal, "#114185")
	alat     = newBank(1, "ALAT by WEMA", "035", "000017", personal, "#990D4C")
	first    = newBank(2, "First Bank of Nigeria", "011", "000016", personal, "#003B65")
	gtbank   = newBank(3, "GTBank", "058", "000013", personal, "#DD4F05")
	sterling = newBank(4, "Sterling Bank", "232", "000001", personal, "#DB353A")
	uba      = newBank(5, "United Bank For Africa", "033", "000004", personal, "#B3131B")
	zenith   = newBank(6, "Zenith Bank", "057", "000015", personal, "#C8102E")
	zenithCo = newBank(7, "Zenith Bank Business", "057", "000015", business, "#C8102E")
)

var banks = []*bank{access, alat, first, gtbank, sterling, uba, zenith, zenithCo}

func newBank(n uint32, name, code, nip, kind, colour string) *bank {
	return &bank{fixedID(kindInstitution, 0, n), name, code, nip, kind, colour}
}

// A person is one log-in at one bank.
type person struct {
	User, Password, Name string
	Bank                 *bank
	Accounts             []opening
}

// An opening is how an account at a bank starts. Balance is in minor units. No two have
// the same NUBAN.
type opening struct {
	NUBAN, Type, Currency string
	Balance               int64
	Scenarios             []Scenario
}

// persons is everybody. Only append: ids are made of positions.
//
// The accounts 0123456789 and 0123456796 at GTBank and 2230011442 at Zenith are those
// of Amina Bello at the simulated Okra, so that a customer can move from there to here.
var persons = []person{
	{"amina.bello", "Sokoto-7", "Amina Bello", gtbank, []opening{
		{"0123456789", "CURRENT", "NGN", 125_034_075, nil},
		{"0123456796", "DOMICILIARY", "USD", 248_050, []Scenario{BalanceOnly}},
	}},
	{"amina.b", "Sokoto-8", "Amina Bello", zenith, []opening{
		{"2230011442", "SAVINGS", "NGN", 340_500_000, nil},
	}},
	{"ngozi.umeh", "Nsukka-4", "Ngozi Chidera Umeh", access, []opening{
		{"0712345604", "SAVINGS_ACCOUNT", "NGN", 51_230_025, nil},
		{"0712345611", "CURRENT", "NGN", -1_575_030, nil},
	}},
	{"tunde.bakare", "Ikeja-2", "Tunde Bakare", uba, []opening{
		{"2145678903", "SAVINGS ACCOUNT - INDIVIDUAL", "NGN", 8_645_000, []Scenario{NeedsLogin}},
	}},
	{"zainab.sule", "Minna-5", "Zainab Sule", alat, []opening{
		{"0243118806", "Tier 3 Savings Account", "NGN", 15_337, nil},
	}},
	{"obi.trading", "Onitsha-1", "Obi Trading Ventures", zenithCo, []opening{
		{"1015556667", "CURRENT", "NGN", 1_250_000_000, nil},
		{"5071112223", "CURRENT", "USD", 52_417, []Scenario{BalanceOnly}},
	}},
	{"kunle.ojo", "Ilesa-3", "Kunle Ojo", first, []opening{
		{"3060024415", "SAVINGS", "NGN", 2_210_560, []Scenario{SyncFailed}},
	}},
	{"hauwa.garba", "Bauchi-9", "Hauwa Garba", sterling, []opening{
		{"0087123450", "SAVINGS", "NGN", 9_800_000, []Scenario{NoBalance}},
	}},
}

func countHoldings() (n int) {
	for _, p := range persons {
		n += len(p.Accounts)
	}
	return n
}

func bankByID(id string) *bank {
	for _, b := range banks {
		if b.ID == id {
			return b
		}
	}
	return nil
}
