#include "src/model/view_money.h"

#include <stdlib.h>
#include <string.h>

static void take(char **field, struct str *s)
{
	view_set(field, str_cstr(s));
	str_clear(s);
}

void view_set_wei(char **field, struct wei a)
{
	struct str s = STR_INIT;

	wei_fmt(&s, a);
	take(field, &s);
}

void view_set_credit(char **field, struct credit a)
{
	struct str s = STR_INIT;

	credit_fmt(&s, a);
	take(field, &s);
}

void view_set_price(char **field, struct price p)
{
	struct str s = STR_INIT;

	price_fmt(&s, p);
	take(field, &s);
}

void view_set_addr(char **field, struct eth_addr a)
{
	struct str s = STR_INIT;

	addr_fmt(&s, a);
	take(field, &s);
}

bool view_read_wei(struct wei *out, const char *field)
{
	struct err *e = wei_parse(out, view_text(field));

	err_free(e);
	return !e;
}

/* "1200 wei/px": the unit is always that. */
bool view_read_price(struct price *out, const char *field)
{
	const char *text = view_text(field);
	char *per = xstrndup(text, strcspn(text, " "));
	struct err *e = price_parse(out, per, "1");

	err_free(e);
	free(per);
	return !e;
}
