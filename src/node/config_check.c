/* What the flags say together: what weir does not have, what excludes what,
 * and what a node on a chain cannot start without - each with its remedy. */
#include "src/node/config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/crypto/ec.h"
#include "src/eth/contracts.h"

static void complain(struct str *all, const char *fmt, ...) printf_like(2, 3);
static void complain(struct str *all, const char *fmt, ...)
{
	va_list ap;

	if (all->len)
		str_addc(all, '\n');
	va_start(ap, fmt);
	str_vprintf(all, fmt, ap);
	va_end(ap);
}

static struct err *verdict(struct str *all)
{
	struct err *e = all->len ? err_new(ERR_INVALID, "%s", all->s) : NULL;

	str_clear(all);
	return e;
}

/* The data directory is named after it. */
static bool is_network_name(const char *name)
{
	return *name && strlen(name) <= 64 && *name != '.' &&
		!name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"0123456789-_.")];
}

static void check_addresses(struct str *all, const struct config *c)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		struct eth_addr ignored;
		struct err *e = NULL;

		if (option_get(i)->type == OPTION_ADDRESS && *config_text(c, i))
			e = addr_parse_checked(&ignored, config_text(c, i));
		if (e)
			complain(all, "flag -%s: %s", option_get(i)->name, err_text(e));
		err_free(e);
	}
}

struct err *config_check(const struct config *c)
{
	struct str all = STR_INIT;

	for (size_t i = 0; i < OPT_COUNT; i++) {
		struct err *one = option_refusal(option_get(i), config_text(c, i),
			config_is_onchain(c));

		if (one)
			complain(&all, "%s", err_text(one));
		err_free(one);
	}
	if (!is_network_name(config_text(c, OPT_NETWORK)))
		complain(&all, "flag -network %s: a name of letters, digits, - and _",
			config_text(c, OPT_NETWORK));
	if (config_int(c, OPT_MAX_SESSIONS) == 0 && config_bool(c, OPT_ORCHESTRATOR) &&
		config_bool(c, OPT_TRANSCODER))
		complain(&all, "flag -maxSessions auto follows remote transcoders: "
			"with -orchestrator and -transcoder together, give a number");
	check_addresses(&all, c);
	return verdict(&all);
}

/* --- before a node starts --- */

static void check_prices(struct str *all, const struct config *c, unsigned roles)
{
	struct price ignored;
	struct err *e;

	if (roles & OPTION_O && !config_is_set(c, OPT_PRICE_PER_UNIT))
		complain(all, "an orchestrator on a chain must be told its price: give "
			"-pricePerUnit, in wei for -pixelsPerUnit pixels, if only 0");
	e = roles & OPTION_O ? config_price(c, OPT_PRICE_PER_UNIT, &ignored) : NULL;
	if (!e && roles & OPTION_B)
		e = config_price(c, OPT_MAX_PRICE_PER_UNIT, &ignored);
	if (e)
		complain(all, "%s", err_text(e));
	err_free(e);
	if (*config_text(c, OPT_PRICE_PER_GATEWAY) &&
		*config_text(c, OPT_PRICE_PER_BROADCASTER))
		complain(all, "-pricePerBroadcaster and -pricePerGateway are two names of "
			"one flag: give one");
}

struct err *config_check_start(const struct config *c)
{
	unsigned roles = config_roles(c);
	const char *name = config_text(c, OPT_NETWORK);
	const struct network *network = network_find(name);
	struct str all = STR_INIT;
	char *url;

	if (!config_is_onchain(c))
		return NULL;
	url = config_item(c, OPT_ETH_URL, 0);
	if (!url)
		complain(&all, "-network %s is a chain: give -ethUrl, the JSON-RPC address "
			"of an Ethereum node of it", name);
	free(url);
	if (!*config_text(c, OPT_ETH_CONTROLLER) && (!network || !network->controller))
		complain(&all, "-network %s is none that weir knows: give -ethController, "
			"the address of its Controller contract", name);
	check_prices(&all, c, roles);
	return verdict(&all);
}
