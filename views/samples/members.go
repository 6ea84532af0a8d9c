package samples

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"balancelink/views"
)

// memberGallery is what concerns the staff themselves.
func memberGallery(ctx context.Context) map[string]templ.Component {
	sessions := []views.Session{
		{
			ID: "1", Browser: "Chrome on Windows", Address: "102.89.23.0/24", StartedAt: sampleNow.Add(-time.Hour),
			SeenAt: sampleNow, Current: true,
		},
		{
			ID: "2", Browser: "Firefox on Android", Address: "2001:db8:4::/48",
			StartedAt: sampleNow.Add(-7 * time.Hour), SeenAt: sampleNow.Add(-9 * time.Minute), Current: false,
		},
	}
	qr := views.SecondFactor{
		Frame: staffFrame(say(ctx, "Second factor"), ""), Seed: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
		QR: views.QR{Path: "M4 4h1v1h-1zM6 4h1v1h-1z", Size: 12},
	}
	required, replaced := qr, qr
	required.Required, required.Error, replaced.Replaces = true, say(
		ctx, "That is not the code the app shows now. Check that the phone's clock is right, and try the next one.",
	), true
	members := []views.Member{
		{
			Email: "ngozi@adire.example", Role: "owner", State: "active", SecondFactor: true, Oneself: true,
			URL: "/staff/1",
		},
		{
			Email: "a-rather-long-name-of-a-colleague@adire.example", Role: "admin", State: "active",
			SecondFactor: true, URL: "/staff/2",
		},
		{Email: "bola@adire.example", Role: "viewer", State: "invited", URL: "/staff/3"},
		{Email: "chidi@adire.example", Role: "auditor", State: "disabled", URL: "/staff/4"},
	}
	keys := views.KeysPage{Frame: staffFrame(say(ctx, "API keys"), "staff"), Keys: []views.APIKey{
		{
			Mark: "bl_prod_7f3kq2ma", Name: "Core banking", By: "ngozi@adire.example", State: "works",
			Scopes:    []string{"customers:read", "customers:write", "links:write", "balances:read", "refresh:write", "funds:write"},
			ExpiresAt: sampleNow.Add(300 * 24 * time.Hour), UsedAt: sampleNow.Add(-3 * time.Minute),
			RevokeURL: "/keys/1/revoke",
		},
		{
			Mark: "bl_prod_x2mm9dab", Name: "Collections", State: "revoked", Scopes: []string{"balances:read"},
			ExpiresAt: sampleNow.Add(20 * 24 * time.Hour),
		},
		{
			Mark: "bl_prod_c9w8lvpe", Name: "A trial", State: "expired", Scopes: []string{"funds:write"},
			ExpiresAt: sampleNow.Add(-20 * 24 * time.Hour), UsedAt: sampleNow.Add(-21 * 24 * time.Hour),
		},
	}, Form: views.KeyForm{Offers: []string{"customers:read", "balances:read"}, Days: 365, Valid: []int{30, 90, 365}}}
	noKeys, wrongKey := keys, keys
	noKeys.Keys, wrongKey.Form.Errors = nil, map[string]string{
		"name": say(ctx, "Enter a name by which you know the program."), "scopes": say(ctx, "Choose at least one."),
	}
	mails := views.MailChoices{On: true, Offers: []views.MailChoice{
		{Kind: "linked"}, {Kind: "needs_login", Chosen: true}, {Kind: "fell_below", Chosen: true}, {Kind: "needs_review"},
		{Kind: "withdrawn"}, {Kind: "consent_ending"}, {Kind: "provider_paused"}, {Kind: "backup_old"}, {Kind: "audit_broken"},
	}}
	return map[string]templ.Component{
		"keys/normal": views.KeysView(keys), "keys/empty": views.KeysView(noKeys), "keys/wrong": views.KeysView(wrongKey),
		"key/normal": views.KeyMadeView(views.KeyMade{
			Frame: staffFrame(say(ctx, "Key for %s", "Core banking"), "staff"), Name: "Core banking",
			Key:    "bl_prod_7f3kq2ma_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5",
			Scopes: keys.Keys[0].Scopes, ExpiresAt: keys.Keys[0].ExpiresAt,
		}),
		"reference/normal": views.ReferenceView(sampleReference(ctx)),
		"code/normal":      views.CodeView(views.Code{Frame: strangerFrame(say(ctx, "Sign in")), Next: "/"}),
		"code/wrong": views.CodeView(views.Code{
			Frame: strangerFrame(say(ctx, "Sign in")), Next: "/",
			Error: say(ctx, "Wrong code, or one that was used before. Wait for the next one."),
		}),
		"confirm/normal": views.ConfirmView(
			views.Confirm{Frame: staffFrame(say(ctx, "Confirm"), ""), Next: "/staff"},
		),
		"confirm/again": views.ConfirmView(views.Confirm{
			Frame: staffFrame(say(ctx, "Confirm"), ""), Next: "/staff", Again: true, ByCode: true,
			Error: say(ctx, "Wrong code, or one that was used before. Wait for the next one."),
		}),
		"welcome/normal": views.WelcomeView(views.Welcome{
			Frame: strangerFrame(say(ctx, "Password")), Email: "bola@adire.example", Action: "/welcome/x",
			ExpiresAt:     sampleNow.Add(time.Hour),
			PasswordError: say(ctx, "Use at least %d characters. A few words in a row are easy to remember.", 12),
		}),
		"welcome/first-start": views.WelcomeView(views.Welcome{
			Frame: strangerFrame(say(ctx, "Set up balancelink")), First: true, Email: "ngozi", Action: "/welcome/x",
			ExpiresAt:  sampleNow.Add(time.Hour),
			EmailError: say(ctx, "Enter an e-mail address such as name@example.com."),
		}),
		"profile/normal": views.ProfileView(views.Profile{
			Frame: staffFrame(say(ctx, "Your account"), "profile"), Role: "owner", SecondFactor: true, Required: true,
			RecoveryCodesLeft: 9, Sessions: sessions, Mails: mails,
		}),
		"profile/wrong": views.ProfileView(views.Profile{
			Frame: staffFrame(say(ctx, "Your account"), "profile"), Role: "viewer", Sessions: sessions[:1],
			WrongField: "new",
			Problem:    say(ctx, "Use at least %d characters. A few words in a row are easy to remember.", 12),
		}),
		"second-factor/normal":   views.SecondFactorView(qr),
		"second-factor/required": views.SecondFactorView(required),
		"second-factor/replaced": views.SecondFactorView(replaced),
		"recovery-codes/normal": views.RecoveryCodesView(views.RecoveryCodes{
			Frame: staffFrame(say(ctx, "Recovery codes"), ""),
			Codes: []string{"abcd-efgh-ijkl-mnop", "qrst-uvwx-yz23-4567"},
		}),
		"staff/normal": views.StaffView(views.StaffPage{
			Frame: staffFrame(say(ctx, "Staff"), "staff"), Members: members, Form: views.StaffForm{Role: "viewer"},
		}),
		"staff/wrong": views.StaffView(views.StaffPage{Frame: staffFrame(say(ctx, "Staff"), "staff"), Members: members[:1], Form: views.StaffForm{Email: "bola", Role: "admin", Error: say(ctx, "Enter an e-mail address such as name@example.com.")}}),
		"staff/link": views.StaffLinkView(views.StaffLink{
			Frame: staffFrame(say(ctx, "Link for %s", "bola@adire.example"), "staff"), Email: "bola@adire.example",
			Invited: true, Link: "https://balances.adire.example/welcome/x", ExpiresAt: sampleNow.Add(72 * time.Hour),
		}),
	}
}

func sampleReference(ctx context.Context) views.Reference {
	add := views.Operation{
		ID: "addLink", Method: "POST", Path: "/customers/{customer}/links", Summary: "Make a personal link",
		Text: "Its address is in this answer and nowhere else.", Scope: "links:write",
		Fields: []views.Field{
			{Name: "Idempotency-Key", Where: "header", Text: "A new one for each thing to be done.", Required: true},
			{Name: "code", Where: "body", Text: "Whether a code is to be typed with it."},
		},
		Curl:   "curl -sS -X POST \"$BASE/customers/ref:LN-1001/links\" \\\n  -H \"Authorization: Bearer $KEY\" \\\n  -d '{\"code\":false}'",
		Answer: "{\n  \"object\": \"link\",\n  \"url\": \"https://balances.adire.example/connect/AbCdEf\"\n}",
	}
	me := views.Operation{ID: "getKey", Method: "GET", Path: "/me", Summary: "See whose key that is", Curl: `curl -sS "$BASE/me"`}
	doc := views.Operation{ID: "getDocument", Method: "GET", Path: "/openapi.yaml", Summary: "Read this document", Public: true, Curl: `curl -sS "$BASE/openapi.yaml"`}
	return views.Reference{
		Frame: strangerFrame(say(ctx, "API reference")), Base: "https://balances.adire.example/api/v1", KeyPrefix: "bl_prod_",
		DocumentURL: "/api/v1/openapi.yaml", Start: []views.Operation{add},
		Groups: []views.OperationGroup{
			{Name: "Keys", Operations: []views.Operation{doc, me}}, {Name: "Links", Operations: []views.Operation{add}},
		},
	}
}
