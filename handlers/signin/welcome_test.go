package signin_test

import (
	"sync"
	"testing"

	"balancelink/handlers/settings"
	"balancelink/handlers/signin"
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
