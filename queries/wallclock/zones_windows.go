package wallclock

import _ "time/tzdata" // Windows names its zones otherwise; other systems have the database, or get an error that says so
