#include "ui/intent.h"

#include <stdarg.h>

struct intent intent(enum intent_kind kind)
{
	return (struct intent){.kind = kind};
}

struct intent intentf(enum intent_kind kind, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	return (struct intent){.kind = kind, .text = str_take(&s)};
}

struct intent intent_form(struct form *taken)
{
	return (struct intent){.kind = INTENT_FORM, .form = taken};
}
