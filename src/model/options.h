#ifndef SRC_MODEL_OPTIONS_H
#define SRC_MODEL_OPTIONS_H
/* The table of options (options.def) and how their values read: the way Go's
 * flag package reads them, so that go-livepeer's command lines work here.
 * What is set and by whom is src/node/config's affair. Pure; any thread. */
#include "src/base/err.h"
#include "src/base/str.h"
#include "src/model/amount.h"
#include "src/model/id.h"

enum option_id {
#define OPTION_ROW(id, name, type, def, min, max, unit, roles, when, support, prose) \
	OPT_##id,
#include "src/model/options.def"
	OPT_COUNT
};

enum option_type {
	OPTION_BOOL,
	OPTION_INT,
	OPTION_FLOAT,
	OPTION_DURATION,      /* Go's "1m30s"; .i in ms */
	OPTION_TEXT,
	OPTION_LIST,	      /* separated by commas */
	OPTION_SECRET,	      /* text that is never shown */
	OPTION_COUNT_OR_AUTO, /* .i, 0 for "auto" */
	OPTION_WEI,	      /* "3000000", "3e6", "20 gwei"; .wei */
	OPTION_RATIO,	      /* Go's big.Rat from 0 up: "0.5", "7/3" */
	OPTION_ADDRESS,	      /* .addr; "" is none: zero */
};

enum option_support { OPTION_SUPPORTED, OPTION_ONCHAIN, OPTION_UNSUPPORTED };

enum option_roles {
	OPTION_O = 1,
	OPTION_T = 2,
	OPTION_B = 4,
	OPTION_ALL = 7,
};

#define OPTION_VALUE_MAX 16384 /* bytes of one value */

struct option {
	enum option_id id;
	const char *name; /* as on the command line, without dashes */
	enum option_type type;
	const char *def;
	int64_t min, max; /* of numbers; durations in ms; both 0: unbounded */
	const char *unit;
	unsigned roles; /* of enum option_roles */
	bool live;
	enum option_support support;
	const char *prose;
};

struct option_value {
	bool b;
	int64_t i;
	double f;
	struct wei wei;
	struct eth_addr addr;
};

const struct option *option_get(enum option_id id);
/* NULL when there is none; names are case-sensitive, as in Go. */
const struct option *option_find(const char *name);
/* The nearest supported name to a mistyped one, or NULL. */
const struct option *option_nearest(const char *name);
bool option_is_bool(const struct option *o);

/* Reads a value; texts leave *out alone. The error names flag, value, range. */
struct err *option_parse(const struct option *o, const char *text,
	struct option_value *out) must_check;
/* Why this option with this value cannot be had, or NULL: an unsupported one,
 * or one of a chain where there is none, with something other than its
 * default. */
struct err *option_refusal(const struct option *o, const char *text, bool onchain)
	must_check;
/* --- for forms --- */
/* What it is about: "Stake"; those of one subject stand together. */
const char *option_subject(const struct option *o);
/* "a|b|c" when it takes nothing else, "true|false" of a switch; NULL: a text. */
const char *option_choices(const struct option *o);
/* Why a running node cannot change it, not even for its next start; or NULL. */
const char *option_fixed(const struct option *o);
/* "1 to 100000", "0.5 s to 1m"; nothing where there are no bounds. */
void option_bounds(const struct option *o, struct str *out);
/* What may be shown of a value: "***" for a secret. */
const char *option_shown(const struct option *o, const char *text);

/* "LP_ORCHSECRET": how go-livepeer names it in the environment (ff: prefix,
 * underscore, capitals). */
void option_env_name(struct str *out, const struct option *o);

/* Go's durations ("1h2m3.5s", "500ms", "0"), to ms, rounded down. */
bool parse_duration_ms(const char *text, int64_t *out) must_check;

/* --help: what is supported, grouped by role; everything with `all`. */
void options_help(struct str *out, bool all);
/* The OPTIONS part of weir(1), in man macros. */
void options_man(struct str *out);
/* The names of all supported options, one "-name" a line. */
void options_names(struct str *out);
#endif
