#include "src/model/options.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define O OPTION_O
#define T OPTION_T
#define B OPTION_B
#define ALL OPTION_ALL
#define LIVE true
#define RESTART false
static const struct option options[] = {
#define OPTION_ROW(id, name, type, def, min, max, unit, roles, when, support, prose) \
	{OPT_##id, name, OPTION_##type, def, min, max, unit, roles, when,            \
		OPTION_##support, prose},
#include "src/model/options.def"
};
#undef O
#undef T
#undef B
#undef ALL
#undef LIVE
#undef RESTART
_Static_assert(ARRAY_SIZE(options) == OPT_COUNT, "one row per id");

const struct option *option_get(enum option_id id)
{
	assert(id < OPT_COUNT);
	return &options[id];
}

const struct option *option_find(const char *name)
{
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

/* Levenshtein's distance, letters of either case alike; names are short. */
static size_t distance(const char *a, const char *b)
{
	enum { WIDTH = 40 };
	size_t row[WIDTH + 1];
	size_t n = strlen(b);

	if (n > WIDTH || strlen(a) > WIDTH)
		return WIDTH;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			bool same = tolower((unsigned char)a[i - 1]) ==
				tolower((unsigned char)b[j - 1]);
			size_t best = diagonal + !same;

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[n];
}

const struct option *option_nearest(const char *name)
{
	const struct option *best = NULL;
	size_t best_distance = strlen(name) < 4 ? 1 : 3;

	for (size_t i = 0; i < OPT_COUNT; i++) {
		size_t d = distance(name, options[i].name);

		if (options[i].support == OPTION_UNSUPPORTED || d >= best_distance)
			continue;
		best = &options[i];
		best_distance = d;
	}
	return best;
}

static const struct {
	enum option_id first;
	const char *title;
} subjects[] = {
#define OPTION_ROW(...)
#define SUBJECT(id, title) {OPT_##id, title},
#include "src/model/options.def"
};

const char *option_subject(const struct option *o)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(subjects) && subjects[i + 1].first <= o->id)
		i++;
	return subjects[i].title;
}

struct remark { /* beside a row */
	enum option_id id;
	const char *text;
};

static const char *remark_of(const struct remark *r, size_t n, enum option_id id)
{
	for (size_t i = 0; i < n; i++)
		if (r[i].id == id)
			return r[i].text;
	return NULL;
}

const char *option_choices(const struct option *o)
{
	static const struct remark choices[] = {
#define OPTION_ROW(...)
#define CHOICES(id, words) {OPT_##id, words},
#include "src/model/options.def"
	};

	return o->type == OPTION_BOOL ? "true|false"
		: remark_of(choices, ARRAY_SIZE(choices), o->id);
}

const char *option_fixed(const struct option *o)
{
	static const struct remark fixed[] = {
#define OPTION_ROW(...)
#define FIXED(id, reason) {OPT_##id, reason},
#include "src/model/options.def"
	};

	return remark_of(fixed, ARRAY_SIZE(fixed), o->id);
}

bool option_is_bool(const struct option *o)
{
	return o->type == OPTION_BOOL;
}

/* strconv.ParseBool's list. */
static bool parse_bool(const char *text, bool *out)
{
	static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
	static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (strcmp(text, yes[i]) == 0) {
			*out = true;
			return true;
		}
		if (strcmp(text, no[i]) == 0) {
			*out = false;
			return true;
		}
	}
	return false;
}

/* Go reads ints with base 0: 0x10 and 010 mean what they mean in C. */
static bool parse_int(const char *text, int64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)text[text[0] == '-' || text[0] == '+']))
		return false;
	errno = 0;
	*out = strtoll(text, &end, 0);
	return !*end && !errno;
}

static bool parse_float(const char *text, double *out)
{
	char *end;

	if (!*text || isspace((unsigned char)*text))
		return false;
	*out = strtod(text, &end);
	return !*end && isfinite(*out);
}

bool parse_duration_ms(const char *text, int64_t *out)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = {{"ns", 1e-6}, {"us", 1e-3}, {"µs", 1e-3}, {"ms", 1},
		{"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}};
	bool negative = *text == '-';
	double sum = 0;

	text += *text == '-' || *text == '+';
	if (strcmp(text, "0") == 0) {
		*out = 0;
		return true;
	}
	if (!*text)
		return false;
	while (*text) {
		double number;
		size_t digits = strspn(text, "0123456789."), name, u;
		char buf[32], *end;

		if (!digits || digits >= sizeof(buf))
			return false;
		memcpy(buf, text, digits);
		buf[digits] = '\0';
		number = strtod(buf, &end);
		if (*end || end == buf)
			return false;
		text += digits;
		name = strcspn(text, "0123456789.");
		for (u = 0; u < ARRAY_SIZE(units); u++)
			if (strlen(units[u].name) == name &&
				strncmp(units[u].name, text, name) == 0)
				break;
		if (u == ARRAY_SIZE(units))
			return false;
		sum += number * units[u].ms;
		text += name;
	}
	/* Go's durations are 64 bits of ns. */
	if (sum > 9.2e12)
		return false;
	/* 0.1s is a little less than 100 in binary: that is not "99 ms". */
	*out = (int64_t)(sum + 1e-6) * (negative ? -1 : 1);
	return true;
}

/* go-livepeer's plain numbers, "3e12" among them, or with a unit. */
static bool parse_wei(const char *text, struct wei *out)
{
	struct price p;
	struct err *e = price_parse(&p, text, "1");
	bool ok = !e && p.unit.v == 1;

	err_free(e);
	if (ok) {
		*out = p.per;
		return true;
	}
	e = wei_parse(out, text);
	ok = !e;
	err_free(e);
	return ok;
}

static bool is_ratio(const char *text)
{
	struct price p;
	struct err *e = price_parse(&p, text, "1");
	bool ok = !e;

	err_free(e);
	return ok;
}

static struct err *bad_value(const struct option *o, const char *text, const char *wanted)
{
	return err_new(ERR_INVALID, "invalid value \"%s\" for flag -%s: %s",
		option_shown(o, text), o->name, wanted);
}

static struct err *check_range(const struct option *o, const char *text, int64_t value)
{
	struct err *e;
	struct str wanted = STR_INIT;

	if ((!o->min && !o->max) || (value >= o->min && value <= o->max))
		return NULL;
	str_add(&wanted, "allowed are ");
	option_bounds(o, &wanted);
	e = bad_value(o, text, str_cstr(&wanted));
	str_clear(&wanted);
	return e;
}

void option_bounds(const struct option *o, struct str *out)
{
	bool is_time = o->type == OPTION_DURATION;

	if (o->type == OPTION_BOOL || (!o->min && !o->max))
		return;
	str_printf(out, "%lld%s to %lld%s%s", (long long)o->min, is_time ? " ms" : "",
		(long long)o->max, is_time ? " ms" : "",
		o->type == OPTION_COUNT_OR_AUTO ? ", or auto" : "");
}

static struct err *check_choice(const struct option *o, const char *text)
{
	const char *at = option_choices(o);
	struct str wanted = STR_INIT;
	struct err *e;

	while (at) {
		size_t n = strcspn(at, "|");

		if (strlen(text) == n && strncmp(at, text, n) == 0)
			return NULL;
		at = at[n] ? at + n + 1 : NULL;
	}
	str_printf(&wanted, "write one of %s", option_choices(o));
	e = bad_value(o, text, str_cstr(&wanted));
	str_clear(&wanted);
	return e;
}

struct err *option_parse(const struct option *o, const char *text, struct option_value *out)
{
	if (strlen(text) > OPTION_VALUE_MAX)
		return err_new(ERR_LIMIT, "value of flag -%s is longer than %d bytes",
			o->name, OPTION_VALUE_MAX);
	switch (o->type) {
	case OPTION_BOOL:
		if (!parse_bool(text, &out->b))
			return err_new(ERR_INVALID,
				"invalid boolean value \"%s\" for -%s: write true or false",
				text, o->name);
		return NULL;
	case OPTION_COUNT_OR_AUTO:
		if (strcmp(text, "auto") == 0) {
			out->i = 0;
			return NULL;
		}
		if (!parse_int(text, &out->i))
			return bad_value(o, text, "write a whole number, or auto");
		return check_range(o, text, out->i);
	case OPTION_INT:
		if (!parse_int(text, &out->i))
			return bad_value(o, text, "write a whole number");
		return check_range(o, text, out->i);
	case OPTION_FLOAT:
		if (!parse_float(text, &out->f))
			return bad_value(o, text, "write a number");
		return NULL;
	case OPTION_DURATION:
		if (!parse_duration_ms(text, &out->i))
			return bad_value(o, text, "write a time such as 500ms, 2s or 1m30s");
		return check_range(o, text, out->i);
	case OPTION_WEI:
		if (!parse_wei(text, &out->wei))
			return bad_value(o, text, "write a whole number of wei, or an "
				"amount such as \"20 gwei\"");
		return NULL;
	case OPTION_RATIO:
		if (!is_ratio(text))
			return bad_value(o, text, "write a number such as 1200, 0.5 or "
				"7/3; other currencies than wei are not known");
		return NULL;
	case OPTION_ADDRESS:
		out->addr = (struct eth_addr){0};
		if (*text && !addr_parse(&out->addr, text))
			return bad_value(o, text, "write an Ethereum address: 0x and 40 "
				"hexadecimal digits");
		return NULL;
	case OPTION_TEXT:
	case OPTION_LIST:
	case OPTION_SECRET:
		if (!utf8_valid(text, strlen(text)))
			return err_new(ERR_INVALID, "value of flag -%s is not valid UTF-8",
				o->name);
		return option_choices(o) ? check_choice(o, text) : NULL;
	}
	return NULL;
}

static bool is_default(const struct option *o, const char *text)
{
	struct option_value have = {0}, def = {0};
	struct err *e;

	if (strcmp(text, o->def) == 0)
		return true;
	e = option_parse(o, text, &have);
	if (!e)
		e = option_parse(o, o->def, &def);
	if (e) {
		err_free(e);
		return false;
	}
	switch (o->type) {
	case OPTION_BOOL:
		return have.b == def.b;
	case OPTION_INT:
	case OPTION_DURATION:
	case OPTION_COUNT_OR_AUTO:
		return have.i == def.i;
	case OPTION_FLOAT:
		return have.f == def.f;
	case OPTION_WEI:
		return wei_cmp(have.wei, def.wei) == 0;
	case OPTION_ADDRESS:
		return addr_eq(have.addr, def.addr);
	case OPTION_RATIO:
	case OPTION_TEXT:
	case OPTION_LIST:
	case OPTION_SECRET:
		break;
	}
	return false;
}

struct err *option_refusal(const struct option *o, const char *text, bool onchain)
{
	switch (o->support) {
	case OPTION_SUPPORTED:
		return NULL;
	case OPTION_ONCHAIN:
		if (onchain || is_default(o, text))
			return NULL;
		return err_new(ERR_INVALID, "flag -%s needs a chain: give -network, or "
			"leave it out offchain", o->name);
	case OPTION_UNSUPPORTED:
		if (is_default(o, text))
			return NULL;
		return err_new(ERR_INVALID, "flag -%s is not supported: %s",
			o->name, o->prose);
	}
	return NULL;
}

const char *option_shown(const struct option *o, const char *text)
{
	return o->type == OPTION_SECRET && *text ? "***" : text;
}

void option_env_name(struct str *out, const struct option *o)
{
	str_add(out, "LP_");
	for (const char *p = o->name; *p; p++)
		str_addc(out, (char)toupper((unsigned char)*p));
}
