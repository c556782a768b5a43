#include "src/node/config.h"

#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/net/fetch_now.h"
#include "src/node/config_file.h"

#define NOTES_MAX 32

struct config {
	char *text[OPT_COUNT][ORIGIN_COUNT]; /* NULL: not set by that origin */
	char *notes[NOTES_MAX];
	size_t notes_n;
	char *file, *file_text; /* NULL: no config file was read */
};

struct config *config_new(void)
{
	return XNEW(struct config);
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < OPT_COUNT; i++)
		for (size_t o = 0; o < ORIGIN_COUNT; o++)
			free(c->text[i][o]);
	for (size_t i = 0; i < c->notes_n; i++)
		free(c->notes[i]);
	free(c->file);
	free(c->file_text);
	free(c);
}

static char *copy_text(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

struct config *config_copy(const struct config *c)
{
	struct config *copy = XNEW(struct config);

	for (size_t i = 0; i < OPT_COUNT; i++)
		for (size_t o = 0; o < ORIGIN_COUNT; o++)
			copy->text[i][o] = copy_text(c->text[i][o]);
	for (size_t i = 0; i < c->notes_n; i++)
		copy->notes[copy->notes_n++] = xstrdup(c->notes[i]);
	copy->file = copy_text(c->file);
	copy->file_text = copy_text(c->file_text);
	return copy;
}

struct err *config_set(struct config *c, enum option_id id, enum config_origin origin,
	const char *text)
{
	struct option_value ignored;
	struct err *e = option_parse(option_get(id), text, &ignored);

	assert(origin > ORIGIN_DEFAULT && origin < ORIGIN_COUNT);
	if (e)
		return e;
	free(c->text[id][origin]);
	c->text[id][origin] = xstrdup(text);
	return NULL;
}

void config_unset(struct config *c, enum option_id id, enum config_origin origin)
{
	assert(origin > ORIGIN_DEFAULT && origin < ORIGIN_COUNT);
	free(TAKE(c->text[id][origin]));
}

void config_wipe(struct config *c, enum option_id id)
{
	for (size_t o = 0; o < ORIGIN_COUNT; o++) {
		char *text = c->text[id][o];

		if (text)
			memset(text, '*', strlen(text));
	}
}

struct err *config_read_env(struct config *c, char *const *env)
{
	for (; *env; env++) {
		const char *eq = strchr(*env, '=');
		bool known = false;

		/* ff reads an empty variable as none. */
		if (!str_has_prefix(*env, "LP_") || !eq || !eq[1])
			continue;
		for (size_t i = 0; i < OPT_COUNT; i++) {
			struct str name = STR_INIT;
			struct err *e = NULL;

			option_env_name(&name, option_get(i));
			if (name.len == (size_t)(eq - *env) &&
				memcmp(name.s, *env, name.len) == 0) {
				known = true;
				e = err_wrap(config_set(c, i, ORIGIN_ENV, eq + 1),
					"environment variable %s", name.s);
			}
			str_clear(&name);
			if (e)
				return e;
		}
		if (!known)
			config_note(c, "environment variable %.*s names no flag and is "
				"not used", (int)(eq - *env), *env);
	}
	return NULL;
}

/* The file that a guided set-up writes is for a weir that is told nothing else:
 * one that gets a role or a place of its own does not mix with it. */
static struct err *read_home_file(struct config *c)
{
	char *path = config_file_home();
	struct err *e = NULL;

	if (!config_serves(c) && !config_is_set(c, OPT_DATADIR) &&
		!config_is_set(c, OPT_DATA_DIR) && access(path, F_OK) == 0)
		e = config_read_file(c, path);
	free(path);
	return e;
}

struct err *config_load(struct config *c, int argc, char *const *argv, char *const *env)
{
	struct err *e = config_read_args(c, argc, argv);

	if (!e)
		e = config_read_env(c, env);
	if (!e && *config_text(c, OPT_CONFIG))
		e = config_read_file(c, config_text(c, OPT_CONFIG));
	else if (!e)
		e = read_home_file(c);
	return e ? e : config_check(c);
}

enum config_origin config_origin(const struct config *c, enum option_id id)
{
	enum config_origin o = ORIGIN_COUNT - 1;

	while (o > ORIGIN_DEFAULT && !c->text[id][o])
		o--;
	return o;
}

bool config_is_set(const struct config *c, enum option_id id)
{
	return config_origin(c, id) != ORIGIN_DEFAULT;
}

const char *config_origin_name(enum config_origin origin)
{
	switch (origin) {
	case ORIGIN_DEFAULT:
		return "default";
	case ORIGIN_FILE:
		return "file";
	case ORIGIN_KV:
		return "live";
	case ORIGIN_ENV:
		return "environment";
	case ORIGIN_FLAG:
		return "flag";
	case ORIGIN_COUNT:
		break;
	}
	assert(!"an origin");
	return "";
}

const char *config_text(const struct config *c, enum option_id id)
{
	enum config_origin o = config_origin(c, id);

	return o == ORIGIN_DEFAULT ? option_get(id)->def : c->text[id][o];
}

const char *config_said(const struct config *c, enum option_id id,
	enum config_origin origin)
{
	return origin == ORIGIN_DEFAULT ? option_get(id)->def : c->text[id][origin];
}

void config_keep_file(struct config *c, const char *path, const char *text)
{
	char *real = realpath(path, NULL);

	free(c->file);
	free(c->file_text);
	c->file = real ? real : xstrdup(path);
	c->file_text = xstrdup(text);
}

const char *config_file_path(const struct config *c)
{
	return c->file;
}

const char *config_file_text(const struct config *c)
{
	return c->file_text;
}

/* What was set has been parsed before, and the defaults are our own. */
static struct option_value value_of(const struct config *c, enum option_id id)
{
	struct option_value v = {0};
	struct err *e = option_parse(option_get(id), config_text(c, id), &v);

	assert(!e);
	return v;
}

bool config_bool(const struct config *c, enum option_id id)
{
	assert(option_get(id)->type == OPTION_BOOL);
	return value_of(c, id).b;
}

int64_t config_int(const struct config *c, enum option_id id)
{
	assert(option_get(id)->type == OPTION_INT ||
		option_get(id)->type == OPTION_COUNT_OR_AUTO);
	return value_of(c, id).i;
}

double config_float(const struct config *c, enum option_id id)
{
	assert(option_get(id)->type == OPTION_FLOAT);
	return value_of(c, id).f;
}

struct wei config_wei(const struct config *c, enum option_id id)
{
	assert(option_get(id)->type == OPTION_WEI);
	return value_of(c, id).wei;
}

struct eth_addr config_addr(const struct config *c, enum option_id id)
{
	assert(option_get(id)->type == OPTION_ADDRESS);
	return value_of(c, id).addr;
}

struct err *config_price(const struct config *c, enum option_id per, struct price *out)
{
	const char *unit = config_text(c, OPT_PIXELS_PER_UNIT);
	struct price pixels;
	struct err *e;

	assert(option_get(per)->type == OPTION_RATIO);
	err_free(price_parse(&pixels, unit, "1"));
	if (pixels.unit.v != 1 || price_is_free(pixels))
		return err_new(ERR_INVALID, "-pixelsPerUnit %s: write a whole number over "
			"0", unit);
	e = price_parse(out, config_text(c, per), unit);
	return err_wrap(e, "-%s", option_get(per)->name);
}

int64_t config_ms(const struct config *c, enum option_id id)
{
	assert(option_get(id)->type == OPTION_DURATION);
	return value_of(c, id).i;
}

static char *item_of(const char *p, size_t i)
{
	for (;;) {
		size_t n, len;

		p += strspn(p, ", \t");
		if (!*p)
			return NULL;
		n = len = strcspn(p, ",");
		while (len && (p[len - 1] == ' ' || p[len - 1] == '\t'))
			len--;
		if (!i--)
			return xstrndup(p, len);
		p += n;
	}
}

char *config_item(const struct config *c, enum option_id id, size_t i)
{
	assert(option_get(id)->type == OPTION_LIST);
	return item_of(config_text(c, id), i);
}

enum log_level config_log_level(const struct config *c)
{
	int64_t v = config_int(c, OPT_VERBOSITY);

	return v >= 6 ? LOG_TRACE : v >= 4 ? LOG_DEBUG : LOG_INFO;
}

unsigned config_roles(const struct config *c)
{
	return (config_bool(c, OPT_ORCHESTRATOR) ? OPTION_O : 0) |
		(config_bool(c, OPT_TRANSCODER) ? OPTION_T : 0) |
		(config_bool(c, OPT_BROADCASTER) || config_bool(c, OPT_GATEWAY) ?
			OPTION_B : 0);
}

bool config_is_onchain(const struct config *c)
{
	return strcmp(config_text(c, OPT_NETWORK), "offchain") != 0;
}

bool config_serves(const struct config *c)
{
	return config_roles(c) || config_bool(c, OPT_REWARD) ||
		config_bool(c, OPT_INITIALIZE_ROUND);
}

void config_roles_text(struct str *out, const struct config *c)
{
	unsigned roles = config_roles(c);
	size_t start = out->len;

	if (roles & OPTION_O)
		str_add(out, "orchestrator");
	if (roles & OPTION_T)
		str_printf(out, "%stranscoder", out->len > start ? ", " : "");
	if (roles & OPTION_B)
		str_printf(out, "%sbroadcaster", out->len > start ? ", " : "");
}

char *config_datadir(const struct config *c)
{
	/* Both spellings set one variable in go-livepeer. */
	enum option_id id = config_origin(c, OPT_DATA_DIR) > config_origin(c, OPT_DATADIR) ?
		OPT_DATA_DIR : OPT_DATADIR;
	const char *home = getenv("HOME");
	struct passwd *user;
	struct str path = STR_INIT;

	if (*config_text(c, id)) {
		str_add(&path, config_text(c, id));
		while (path.len > 1 && path.s[path.len - 1] == '/')
			str_truncate(&path, path.len - 1);
		return str_take(&path);
	}
	if (!home || !*home) {
		user = getpwuid(getuid());
		home = user ? user->pw_dir : "/";
	}
	str_printf(&path, "%s/.lpData/%s", home, config_text(c, OPT_NETWORK));
	return str_take(&path);
}

/* URLs of providers carry their keys: only who they are is shown. */
static void show_urls(struct str *out, const char *list)
{
	char *url;

	for (size_t i = 0; (url = item_of(list, i)); i++) {
		if (i)
			str_addc(out, ',');
		url_fmt_shown(out, url);
		free(url);
	}
}

void config_show(struct str *out, enum option_id id, const char *text)
{
	if (id == OPT_ETH_URL) {
		show_urls(out, text);
		return;
	}
	text = option_shown(option_get(id), text);
	str_add_safe(out, text, strlen(text), 256);
}

void config_report(const struct config *c, struct str *out)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get(i);
		const char *text = config_text(c, i);

		if (!config_is_set(c, i) || strcmp(text, o->def) == 0)
			continue;
		str_printf(out, "%s ", o->name);
		config_show(out, o->id, text);
		str_printf(out, " (%s)\n", config_origin_name(config_origin(c, i)));
	}
}

void config_note(struct config *c, const char *fmt, ...)
{
	struct str note = STR_INIT;
	va_list ap;

	if (c->notes_n == NOTES_MAX)
		return;
	va_start(ap, fmt);
	str_vprintf(&note, fmt, ap);
	va_end(ap);
	c->notes[c->notes_n++] = str_take(&note);
}

void config_notes(const struct config *c, void (*fn)(void *ctx, const char *note),
	void *ctx)
{
	for (size_t i = 0; i < c->notes_n; i++)
		fn(ctx, c->notes[i]);
}
