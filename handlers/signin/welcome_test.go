package signin_test

import (
	"cmp"
	"strings"
	"sync"
	"testing"

	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
	"balancelink/handlers/sitetest/site"
	"balancelink/store/storetest"
)

func TestInstancesThatStartTogetherMakeOneFirstMemberOfStaff(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	set := settings.Settings{Env: "production", AdminEmail: "owner@lender.example", AdminPassword: "correct horse battery"}
	var starts sync.WaitGroup
	for range 3 {
		starts.Go(func() {
			// All have looked whether there is somebody before one has the hash of a password.
			if err := signin.FirstStaff(t.Context(), db, set, signin.FullCost); err != nil {
				t.Error(err)
			}
		})
	}
	starts.Wait()
	all, err := db.AllStaff(t.Context())
	if err != nil || len(all) != 1 || all[0].Email != set.AdminEmail {
		t.Errorf("staff are %+v, %v; want one", all, err)
	}
}

// What a start of a simulation prints opens the pages, or it says that it does not.
func TestAStartPrintsNoLogInThatOpensNothing(t *testing.T) {
	for name, row := range map[string]struct {
		first  string
		should bool
	}{"of its first start": {"", true}, "of another first start": {"owner@lender.example", false}} {
		t.Run(name, func(t *testing.T) {
			db := storetest.New(t)
			set := settings.Settings{Env: "simulated", AdminEmail: cmp.Or(row.first, "demo@example.com"), SessionKey: "simulated-key"}
			for range 2 {
				if err := signin.FirstStaff(t.Context(), db, set, site.CheapCost); err != nil {
					t.Fatal(err)
				}
				set.AdminEmail = "demo@example.com"
			}
			var out strings.Builder
			set.Welcome(&out, "", signin.CanSignIn(t.Context(), db, set.AdminEmail))
			printed := strings.Contains(out.String(), set.StaffPassword())
			if said := strings.Contains(out.String(), "cannot sign in"); printed != row.should || said == row.should {
				t.Errorf("it prints %s", out.String())
			}
		})
	}
}
