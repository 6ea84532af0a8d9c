package okrasim

import "time"

// Every sandbox customer has the same one-time password, as those that Okra
// generated in 2023 had.
const sandboxOTP = "11111"

// A bank has a really existing id and name. Slugs that no source shows are
// [inferred] from the name; colours are near the bank's own.
type bank struct{ ID, Name, Slug, Colour string }

var (
	gtbank  = &bank{"5d6fe57a4099cc4b210bbeb3", "Guaranty Trust Bank", "guaranty-trust-bank", "#DD4F05"}
	zenith  = &bank{"5d6fe57a4099cc4b210bbec2", "Zenith Bank", "zenith-bank", "#C8102E"}
	access  = &bank{"5d6fe57a4099cc4b210bbec0", "Access Bank", "access-bank", "#114185"}
	kuda    = &bank{"5f0cf73e8a8bcc18b8156ad7", "Kuda Bank", "kuda-bank", "#40196D"}
	uba     = &bank{"5d6fe57a4099cc4b210bbebb", "United Bank For Africa", "united-bank-for-africa", "#B3131B"}
	fcmb    = &bank{"5d6fe57a4099cc4b210bbeb2", "First City Monument Bank", "first-city-monument-bank", "#5C2682"}
	firstBk = &bank{"5d6fe57a4099cc4b210bbeb1", "First Bank of Nigeria", "first-bank-of-nigeria", "#003B65"}
	union   = &bank{"5d6fe57a4099cc4b210bbeb9", "Union Bank of Nigeria", "union-bank-of-nigeria", "#007DA5"}
	alat    = &bank{"5d6fe57a4099cc4b210bbebe", "Alat", "alat", "#990D4C"}
)

var banks = []*bank{access, alat, firstBk, fcmb, gtbank, kuda, union, uba, zenith}

// A customer is one log-in at one bank. Two log-ins with the same Name are the
// same person and share Okra's customer id.
type customer struct {
	User, Password, Name string
	Bank                 *bank
	Accounts             []opening
}

// corporate says that the log-in is a firm's: a window for people does not take it.
func (c customer) corporate() bool { return firms[c.User] }

var firms = map[string]bool{"AdireFoods": true, "MamaNgozi": true}

// An opening is how an account starts. Amounts are decimal text in major
// units; an empty Available means that the bank does not say.
type opening struct {
	NUBAN, Type, Currency, Ledger, Available string
	Scenario                                 Scenario
	Age                                      time.Duration // of its first figures
}

// customers is the whole sandbox. Only append: ids are made of positions.
var customers = []customer{
	{"Amina123", "Sokoto", "Amina Bello", gtbank, []opening{
		{"0123456789", "Current", "NGN", "1250340.75", "1248340.75", Normal, 0},
		{"0123456796", "Domiciliary", "USD", "2480.5", "2480.5", Normal, 0},
	}},
	{"Bola123", "Ibadan", "Bola Adeyemi", access, []opening{
		{"1100200301", "Savings", "NGN", "86450", "84450", AvailableMissing, 0},
	}},
	{"Chidi123", "Enugu", "Chidi Okafor", uba, []opening{
		{"2009876541", "Current", "NGN", "512300.25", "493049.75", PendingTransactions, 0},
	}},
	{"Dayo123", "Akure", "Dayo Ogunleye", firstBk, []opening{
		{"3044556672", "Savings", "NGN", "40210.1", "40210.1", NeedsLogin, 0},
		{"3044556689", "Current", "NGN", "-15750.3", "-15750.3", Normal, 0},
	}},
	{"Efe123", "Warri", "Efe Oghenekaro", fcmb, []opening{
		{"4410023317", "Current", "NGN", "733015", "730015", SlowBank, 0},
	}},
	{"Funke123", "Abeokuta", "Funke Alabi", kuda, []opening{
		{"2000000001", "Savings", "NGN", "153.37", "153.37", Unchanged, 0},
	}},
	{"Gambo123", "Kano", "Gambo Musa", union, []opening{
		{"0055667788", "Current", "NGN", "98000", "95000", RateLimited, 0},
	}},
	{"Halima123", "Kaduna", "Halima Abdullahi", zenith, []opening{
		{"1012013014", "Savings", "NGN", "22105.6", "22105.6", Failed, 0},
	}},
	{"Ibrahim123", "Jos", "Ibrahim Lawal", alat, []opening{
		{"7801233818", "Current", "NGN", "604200", "604200", OldDates, 72 * time.Hour},
	}},
	{"Jumoke123", "Lokoja", "Jumoke Balogun", access, []opening{
		{"0690000031", "Current", "NGN", "310000.5", "309000.5", UndefinedURL, 0},
		{"0690000048", "Savings", "NGN", "75000", "75000", ObjectIDs, 0},
		{"0690000055", "Savings", "NGN", "1200.99", "1200.99", LostSuccess, 0},
	}},
	{"Amina456", "Sokoto", "Amina Bello", zenith, []opening{
		{"2230011442", "Savings", "NGN", "3405000", "3405000", Normal, 0},
	}},
	{"Lola123", "Ilorin", "Lola Adebayo", fcmb, []opening{
		{"4410098761", "Savings", "NGN", "268900.4", "266400.4", Normal, 5 * time.Hour},
	}},
	{"AdireFoods", "Osogbo", "Adire Foods Ltd", zenith, []opening{
		{"1015550199", "Current", "NGN", "8450200", "8391200", Normal, 0},
	}},
	{"MamaNgozi", "Aba", "Mama Ngozi Ventures", access, []opening{
		{"0691112223", "Current", "NGN", "412900.5", "412900.5", Normal, 0},
	}},
}

// customerID is the id of the person behind a log-in.
func customerID(login int) string {
	for i, c := range customers {
		if c.Name == customers[login].Name {
			return fixedID(kindCustomer, i, 0)
		}
	}
	panic("unreachable: a customer has its own name")
}

// loginByUser returns the position of a log-in at any bank, or -1.
func loginByUser(user string) int {
	for i, c := range customers {
		if c.User == user {
			return i
		}
	}
	return -1
}

func bankBySlug(slug string) *bank {
	for _, b := range banks {
		if b.Slug == slug {
			return b
		}
	}
	return nil
}
