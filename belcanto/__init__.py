"""The installed command, `belcanto`. The rooms lie beside this package in a checkout, and below it, in `house`, in a wheel."""
