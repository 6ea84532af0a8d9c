package settings

import (
	"fmt"
	"io"
	"reflect"

	"github.com/caarlos0/env/v11"
)

// printHelp lists every setting with its default.
func printHelp(out io.Writer, params []env.FieldParams) {
	fmt.Fprint(out, `balancelink shows customers' bank balances to them and to staff.

Usage: balancelink [flags]
       balancelink staff      help people in who are locked out
       balancelink audit      check the audit log
       balancelink backup     copy the database, also while it is in use
       balancelink restore    put a copy in its place
       balancelink restored   do the same after PostgreSQL's own tools have
       balancelink verify     look through the database for what is not in order
       balancelink copy       copy everything into another database, SQLite or PostgreSQL
       balancelink doctor     look at what the program needs, and say what to do

Every flag is also an environment variable: --listen-addr is LISTEN_ADDR. A
secret may come as NAME_FILE, the path of a file that holds it.

`)
	for _, p := range params {
		def := ""
		if p.DefaultValue != "" {
			def = " (default " + p.DefaultValue + ")"
		}
		fmt.Fprintf(out, "  --%s%s\n        %s\n", flagName(p.Key), def, fieldOf(p.Key).Tag.Get("help"))
	}
}

// fieldOf finds the field of a setting by its name.
func fieldOf(key string) reflect.StructField {
	t := reflect.TypeFor[Settings]()
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("env") == key {
			return f
		}
	}
	return reflect.StructField{}
}

func isSecret(key string) bool { return fieldOf(key).Tag.Get("secret") == "true" }

// keyOf is the setting's name of a struct field's name.
func keyOf(field string) string {
	f, _ := reflect.TypeFor[Settings]().FieldByName(field)
	return f.Tag.Get("env")
}
