#include "proto/command_value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_one_of(const char *words, const char *word)
{
	size_t n = strcspn(word, "|");

	while (words && n && !word[n]) {
		if (!strncmp(words, word, n) && strchr("|", words[n]))
			return true;
		words = strchr(words, '|');
		words = words ? words + 1 : NULL;
	}
	return false;
}

/* "1200", "7/3", "1e3", and "1200 wei", "0.5 gwei", each with "/px" if one
 * likes. A number alone is wei: that is what prices are told in everywhere. */
static struct err *parse_price(const char *text, struct price *out)
{
	static const struct {
		const char *name, *power;
	} units[] = {{"gwei", "e9"}, {"wei", ""}, {"eth", "e18"}};
	struct str number = STR_INIT;
	const char *power = "";
	struct err *e;

	str_add(&number, text);
	if (number.len > 3 && !strcasecmp(number.s + number.len - 3, "/px"))
		str_truncate(&number, number.len - 3);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t n = strlen(units[i].name);

		if (number.len <= n || strcasecmp(number.s + number.len - n, units[i].name))
			continue;
		str_truncate(&number, number.len - n);
		power = units[i].power;
		break;
	}
	while (number.len && number.s[number.len - 1] == ' ')
		str_truncate(&number, number.len - 1);
	str_add(&number, power);
	e = price_parse(out, str_cstr(&number), "1");
	str_clear(&number);
	if (!e)
		return NULL;
	err_free(e);
	return err_new(ERR_INVALID, "\"%.80s\" is not a price: write wei per pixel as "
		"\"1200\", \"0.5\", \"7/3\" or \"2 gwei\"", text);
}

struct err *command_arg_parse(const struct command_arg *a, const char *text,
	union command_value *out)
{
	switch (a->type) {
	case ARG_TYPE_TEXT:
		if (!*text || strlen(text) > COMMAND_TEXT_MAX ||
			!utf8_valid(text, strlen(text)))
			return err_new(ERR_INVALID, "is text of 1 to %d bytes",
				COMMAND_TEXT_MAX);
		return NULL;
	case ARG_TYPE_INT:
		if (!parse_i64(text, &out->number) || out->number < a->min ||
			out->number > a->max)
			return err_new(ERR_INVALID, "is a number from %lld to %lld",
				(long long)a->min, (long long)a->max);
		return NULL;
	case ARG_TYPE_WORD:
		if (!is_one_of(a->words, text))
			return err_new(ERR_INVALID, "is one of %s", a->words);
		return NULL;
	case ARG_TYPE_WEI:
		return wei_parse(&out->wei, text);
	case ARG_TYPE_LPT:
		return lpt_parse(&out->lpt, text);
	case ARG_TYPE_ADDR:
		if (!addr_parse(&out->addr, text))
			return err_new(ERR_INVALID, "is an Ethereum address: 0x and 40 "
				"hexadecimal digits");
		return NULL;
	case ARG_TYPE_PERCENT:
		return ppm_parse_percent(&out->ppm, text);
	case ARG_TYPE_PRICE:
		return parse_price(text, &out->price);
	}
	return NULL;
}

struct err *command_value_parse(const struct command_def *d, size_t arg,
	const char *text, union command_value *out)
{
	struct err *e = command_arg_parse(&d->args[arg], text, out), *told;

	if (!e)
		return NULL;
	told = err_new(err_kind(e), "%s: %s%s %s", d->name, d->args[arg].name,
		err_text(e)[0] == '"' ? ":" : "", err_text(e));
	err_free(e);
	return told;
}

bool command_value_joins(enum command_arg_type type, const char *number,
	const char *unit)
{
	static const char *const wei[] = {"ETH", "gwei", "wei", NULL};
	static const char *const lpt[] = {"LPT", "LPTU", NULL};
	static const char *const price[] = {"gwei", "wei", "gwei/px", "wei/px", NULL};
	static const char *const percent[] = {"%", NULL};
	static const char *const none[] = {NULL};
	const char *const *units = type == ARG_TYPE_WEI ? wei
		: type == ARG_TYPE_LPT ? lpt : type == ARG_TYPE_PRICE ? price
		: type == ARG_TYPE_PERCENT ? percent : none;

	if (!*number || number[strspn(number, "0123456789.")])
		return false;
	while (*units && strcasecmp(*units, unit) != 0)
		units++;
	return *units;
}
