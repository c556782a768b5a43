/* Amounts as people write and read them: exact decimals with a unit. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "src/model/amount.h"

struct unit {
	const char *name;
	unsigned decimals;
};

static const struct unit wei_units[] = {
	{ "ETH", 18 }, { "gwei", 9 }, { "wei", 0 }, { NULL, 0 },
};
static const struct unit lpt_units[] = {
	{ "LPT", 18 }, { "LPTU", 0 }, { NULL, 0 },
};

static struct u256 power_of_ten(unsigned n)
{
	struct u256 v = u256_from(1);

	while (n-- > 0)
		if (!u256_mul(&v, v, u256_from(10)))
			return U256_MAX;
	return v;
}

/* Digits, at most one point; *places counts those behind it. Returns where the
 * number ends, NULL when there is none or it is too large. */
static const char *read_decimal(struct u256 *out, unsigned *places, const char *text)
{
	bool point = false, digits = false;

	*out = U256_ZERO;
	*places = 0;
	for (; isdigit((unsigned char)*text) || (*text == '.' && !point); text++) {
		if (*text == '.') {
			point = true;
			continue;
		}
		digits = true;
		if (!u256_mul(out, *out, u256_from(10)) ||
			!u256_add(out, *out, u256_from((uint64_t)(*text - '0'))))
			return NULL;
		*places += point;
	}
	return digits ? text : NULL;
}

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* "ETH, gwei or wei" */
static void list_units(struct str *out, const struct unit *units)
{
	for (const struct unit *u = units; u->name; u++)
		str_printf(out, "%s%s", u == units ? "" : u[1].name ? ", " : " or ",
			u->name);
}

static struct err *refuse(const char *text, const char *why, const struct unit *units)
{
	struct str names = STR_INIT;
	struct err *e;

	list_units(&names, units);
	e = err_new(ERR_INVALID, "\"%.80s\" %s; write a number and one of %s, as \"1.5 %s\"",
		text, why, names.s, units[0].name);
	str_clear(&names);
	return e;
}

static struct err *parse_units(struct u256 *out, const char *text,
	const struct unit *units)
{
	struct u256 number;
	unsigned places;
	const char *end = read_decimal(&number, &places, skip_blanks(text));
	const struct unit *u = units;

	if (!end)
		return refuse(text, "is not an amount", units);
	end = skip_blanks(end);
	if (!*end)
		return refuse(text, "has no unit", units);
	while (u->name && strcasecmp(u->name, end) != 0)
		u++;
	if (!u->name)
		return refuse(text, "has a unit that is not known here", units);
	/* Zeros at the end ("1.50") say nothing. */
	for (struct u256 rest, q; places > u->decimals; places--) {
		q = u256_div(number, u256_from(10), &rest);
		if (!u256_is_zero(rest))
			return err_new(ERR_INVALID, "\"%.80s\" cannot be had exactly: "
				"one %s has %u decimals", text, u->name, u->decimals);
		number = q;
	}
	if (!u256_mul(out, number, power_of_ten(u->decimals - places)))
		return refuse(text, "is too large", units);
	return NULL;
}

struct err *wei_parse(struct wei *out, const char *text)
{
	return parse_units(&out->v, text, wei_units);
}

struct err *lpt_parse(struct lpt *out, const char *text)
{
	return parse_units(&out->v, text, lpt_units);
}

static void fmt_decimal(struct str *out, struct u256 v, unsigned decimals)
{
	struct u256 rest, whole = u256_div(v, power_of_ten(decimals), &rest);
	struct str digits = STR_INIT;

	u256_fmt(out, whole);
	if (!u256_is_zero(rest)) {
		u256_fmt(&digits, rest);
		str_addc(out, '.');
		for (size_t i = digits.len; i < decimals; i++)
			str_addc(out, '0');
		while (digits.s[digits.len - 1] == '0')
			digits.len--;
		str_addn(out, digits.s, digits.len);
	}
	str_clear(&digits);
}

void wei_fmt_eth(struct str *out, struct wei a)
{
	fmt_decimal(out, a.v, 18);
	str_add(out, " ETH");
}

void wei_fmt_gwei(struct str *out, struct wei a)
{
	fmt_decimal(out, a.v, 9);
	str_add(out, " gwei");
}

void wei_fmt(struct str *out, struct wei a)
{
	if (u256_cmp(a.v, power_of_ten(15)) >= 0) {
		wei_fmt_eth(out, a);
	} else if (u256_cmp(a.v, power_of_ten(7)) >= 0) {
		wei_fmt_gwei(out, a);
	} else {
		u256_fmt(out, a.v);
		str_add(out, " wei");
	}
}

void lpt_fmt(struct str *out, struct lpt a)
{
	fmt_decimal(out, a.v, 18);
	str_add(out, " LPT");
}

void credit_fmt(struct str *out, struct credit a)
{
	struct wei whole;
	bool positive = credit_to_wei(&whole, a);

	if (!positive)
		str_addc(out, '-');
	wei_fmt(out, whole);
}

/* --- fractions --- */

/* Go's big.Rat texts: "7", "0.5", "1.5e3", "7/3". */
static bool parse_rat(struct u256 *num, struct u256 *den, const char *text)
{
	unsigned places, more;
	const char *s = read_decimal(num, &places, text);
	long exponent = 0;

	*den = u256_from(1);
	if (!s)
		return false;
	if (*s == '/' && !places) {
		s = read_decimal(den, &more, s + 1);
		return s && !*s && !more && !u256_is_zero(*den);
	}
	if (*s == 'e' || *s == 'E') {
		bool neg = s[1] == '-';

		s += 1 + (s[1] == '-' || s[1] == '+');
		for (exponent = 0; isdigit((unsigned char)*s) && exponent < 100; s++)
			exponent = exponent * 10 + (*s - '0');
		if (!isdigit((unsigned char)s[-1]))
			return false;
		exponent = neg ? -exponent : exponent;
	}
	exponent -= (long)places;
	if (*s || exponent > 60 || exponent < -60)
		return false;
	return exponent >= 0
		? u256_mul(num, *num, power_of_ten((unsigned)exponent))
		: u256_mul(den, *den, power_of_ten((unsigned)-exponent));
}

struct err *price_parse(struct price *out, const char *per, const char *unit)
{
	struct u256 pn, pd, un, ud, num, den;

	if (!parse_rat(&pn, &pd, per))
		return err_new(ERR_INVALID, "\"%.80s\" is not a price: give wei as a "
			"number (\"1200\", \"0.5\" or \"7/3\")", per);
	if (!parse_rat(&un, &ud, unit) || u256_is_zero(un))
		return err_new(ERR_INVALID, "\"%.80s\" is not a number of pixels over 0",
			unit);
	if (u256_mul(&num, pn, ud) && u256_mul(&den, pd, un) &&
		price_of_ratio(out, num, den))
		return NULL;
	return err_new(ERR_INVALID, "a price of %.80s wei for %.80s pixels has too many "
		"digits", per, unit);
}

void price_fmt(struct str *out, struct price p)
{
	struct u256 rest, millionths;

	if (u256_mul(&millionths, p.per.v, u256_from(1000000))) {
		millionths = u256_div(millionths, u256_from(p.unit.v), &rest);
		if (u256_is_zero(rest)) {
			fmt_decimal(out, millionths, 6);
			str_add(out, " wei/px");
			return;
		}
	}
	u256_fmt(out, p.per.v);
	str_printf(out, "/%llu wei/px", (unsigned long long)p.unit.v);
}

void prob_fmt(struct str *out, struct prob p)
{
	if (u256_is_zero(p.v)) {
		str_add(out, "never");
		return;
	}
	str_add(out, "1 in ");
	u256_fmt(out, u256_div(U256_MAX, p.v, NULL));
}

struct err *ppm_parse_percent(struct ppm *out, const char *text)
{
	struct u256 number;
	unsigned places;
	const char *end = read_decimal(&number, &places, skip_blanks(text));
	uint64_t ppm;

	end = end ? skip_blanks(end) : NULL;
	if (end && *end == '%')
		end = skip_blanks(end + 1);
	if (!end || *end || places > 4 ||
		!u256_mul(&number, number, power_of_ten(4 - places)) ||
		!u256_to_u64(&ppm, number) || ppm > 1000000)
		return err_new(ERR_INVALID, "\"%.80s\" is not a percentage from 0 to 100 "
			"with at most 4 decimals", text);
	out->v = (uint32_t)ppm;
	return NULL;
}

void ppm_fmt(struct str *out, struct ppm p)
{
	fmt_decimal(out, u256_from(p.v), 4);
	str_add(out, " %");
}
