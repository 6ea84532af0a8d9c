# Names what a migration takes away that an instance of the release before may still
# use while this one runs already. A line such as
#
#     -- contract: nothing reads it since v1.7
#
# says that none does. The way down may take away what it likes.
function clean(line) {
	sub(/--.*/, "", line)
	return toupper(line)
}

FNR == 1 { up = 1; statement = ""; excused = 0 }
/^-- \+goose Down/ { up = 0 }
!up { next }
/^[ \t]*-- contract: .*since [^ ]/ { excused = 1 }
{
	statement = statement " " clean($0)
	if (statement !~ /;[ \t]*$/)
		next
	gsub(/[ \t]+/, " ", statement)
	if (!excused && statement ~ /(^| )(DROP|RENAME) | ALTER (COLUMN )?[A-Z0-9_"]+ (SET DATA )?TYPE /)
		print FILENAME ":" FNR ":" statement
	if (statement ~ /[A-Z]/)
		excused = 0
	statement = ""
}
