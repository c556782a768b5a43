#include "proto/prices_json.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/json_text.h"

#define TEXT_MAX (1u << 20)

/* A number as it would be typed, or a text; NULL: neither. */
static char *number_text(const json_t *o, const char *key, const char *missing)
{
	const json_t *v = json_member(o, key);

	if (!v)
		return missing ? xstrdup(missing) : NULL;
	if (json_is_string(v))
		return xstrdup(json_string_value(v));
	return json_is_number(v) ? json_dumps(v, JSON_ENCODE_ANY) : NULL;
}

static struct err *read_one(const json_t *o,
	void (*fn)(void *ctx, struct eth_addr who, struct price p), void *ctx)
{
	const char *who = json_string_value(json_member(o, "ethaddress"));
	const char *currency = json_string_value(json_member(o, "currency"));
	char *per = number_text(o, "priceperunit", NULL);
	char *unit = number_text(o, "pixelsperunit", "1");
	struct eth_addr addr;
	struct price p;
	struct err *e = NULL;

	if (!who || !addr_parse(&addr, who))
		e = err_new(ERR_INVALID, "ethaddress: \"%.80s\" is no address", who ? who : "");
	else if (currency && *currency && strcasecmp(currency, "wei") != 0)
		e = err_new(ERR_INVALID, "the price of %s is in %.16s: only wei is known", who,
			currency);
	else if (!per || !unit)
		e = err_new(ERR_INVALID, "the price of %s has no priceperunit", who);
	else
		e = err_wrap(price_parse(&p, per, unit), "%s", who);
	if (!e)
		fn(ctx, addr, p);
	free(per);
	free(unit);
	return e;
}

struct err *prices_json_read(const char *text, size_t n,
	void (*fn)(void *ctx, struct eth_addr who, struct price p), void *ctx)
{
	static const char *const lists[] = {"broadcasters", "gateways"};
	json_t *o;
	struct err *e = json_load(&o, text, n, TEXT_MAX);

	if (e)
		return e;
	for (size_t k = 0; k < ARRAY_SIZE(lists) && !e; k++) {
		const json_t *list = json_member(o, lists[k]);

		if (json_array_size(list) > PRICES_MAX)
			e = err_new(ERR_LIMIT, "more than %d prices", PRICES_MAX);
		for (size_t i = 0; i < json_array_size(list) && !e; i++)
			e = read_one(json_array_get(list, i), fn, ctx);
	}
	json_decref(o);
	return e;
}
