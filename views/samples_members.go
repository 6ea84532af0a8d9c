package views

import (
	"context"
	"time"

	"github.com/a-h/templ"
)

// memberGallery is what concerns the staff themselves.
func memberGallery(ctx context.Context) map[string]templ.Component {
	sessions := []Session{
		{"1", "Chrome on Windows", "102.89.23.0/24", sampleNow.Add(-time.Hour), sampleNow, true},
		{"2", "Firefox on Android", "2001:db8:4::/48", sampleNow.Add(-7 * time.Hour), sampleNow.Add(-9 * time.Minute), false},
	}
	qr := SecondFactor{Frame: staffFrame(say(ctx, "Second factor"), ""), Seed: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", QRPath: "M4 4h1v1h-1zM6 4h1v1h-1z", QRSize: 12}
	required, replaced := qr, qr
	required.Required, required.Error, replaced.Replaces = true, say(ctx, "That is not the code the app shows now. Check that the phone's clock is right, and try the next one."), true
	members := []Member{
		{Email: "ngozi@adire.example", Role: "owner", State: "active", SecondFactor: true, Oneself: true, URL: "/staff/1"},
		{Email: "a-rather-long-name-of-a-colleague@adire.example", Role: "admin", State: "active", SecondFactor: true, URL: "/staff/2"},
		{Email: "bola@adire.example", Role: "viewer", State: "invited", URL: "/staff/3"}, {Email: "chidi@adire.example", Role: "auditor", State: "disabled", URL: "/staff/4"},
	}
	return map[string]templ.Component{
		"login/password-set":     LoginView(Login{Frame: strangerFrame(say(ctx, "Sign in")), PasswordSet: true}),
		"code/normal":            CodeView(Code{Frame: strangerFrame(say(ctx, "Sign in")), Next: "/"}),
		"code/wrong":             CodeView(Code{Frame: strangerFrame(say(ctx, "Sign in")), Next: "/", Error: say(ctx, "Wrong code, or one that was used before. Wait for the next one.")}),
		"confirm/normal":         ConfirmView(Confirm{Frame: staffFrame(say(ctx, "Confirm"), ""), Next: "/staff"}),
		"confirm/again":          ConfirmView(Confirm{Frame: staffFrame(say(ctx, "Confirm"), ""), Next: "/staff", Again: true, ByCode: true, Error: say(ctx, "Wrong code, or one that was used before. Wait for the next one.")}),
		"welcome/normal":         WelcomeView(Welcome{Frame: strangerFrame(say(ctx, "Password")), Email: "bola@adire.example", Action: "/welcome/x", ExpiresAt: sampleNow.Add(time.Hour), PasswordError: say(ctx, "Use at least %d characters. A few words in a row are easy to remember.", 12)}),
		"welcome/first-start":    WelcomeView(Welcome{Frame: strangerFrame(say(ctx, "Set up balancelink")), First: true, Email: "ngozi", Action: "/welcome/x", ExpiresAt: sampleNow.Add(time.Hour), EmailError: say(ctx, "Enter an e-mail address such as name@example.com.")}),
		"profile/normal":         ProfileView(Profile{Frame: staffFrame(say(ctx, "Your account"), "profile"), Role: "owner", SecondFactor: true, Required: true, RecoveryCodesLeft: 9, Sessions: sessions}),
		"profile/wrong":          ProfileView(Profile{Frame: staffFrame(say(ctx, "Your account"), "profile"), Role: "viewer", Sessions: sessions[:1], WrongField: "new", Problem: say(ctx, "Use at least %d characters. A few words in a row are easy to remember.", 12)}),
		"second-factor/normal":   SecondFactorView(qr),
		"second-factor/required": SecondFactorView(required),
		"second-factor/replaced": SecondFactorView(replaced),
		"recovery-codes/normal":  RecoveryCodesView(RecoveryCodes{Frame: staffFrame(say(ctx, "Recovery codes"), ""), Codes: []string{"abcd-efgh-ijkl-mnop", "qrst-uvwx-yz23-4567"}}),
		"staff/normal":           StaffView(StaffPage{Frame: staffFrame(say(ctx, "Staff"), "staff"), Members: members, Form: StaffForm{Role: "viewer"}}),
		"staff/wrong":            StaffView(StaffPage{Frame: staffFrame(say(ctx, "Staff"), "staff"), Members: members[:1], Form: StaffForm{Email: "bola", Role: "admin", Error: say(ctx, "Enter an e-mail address such as name@example.com.")}}),
		"staff/link":             StaffLinkView(StaffLink{Frame: staffFrame(say(ctx, "Link for %s", "bola@adire.example"), "staff"), Email: "bola@adire.example", Invited: true, Link: "https://balances.adire.example/welcome/x", ExpiresAt: sampleNow.Add(72 * time.Hour)}),
	}
}
