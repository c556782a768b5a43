#include "src/wizard/choices.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/file.h"
#include "src/migrate/tree.h"

#define FILE_MAX (1u << 20)

enum choice_kind { CHOICE_TEXT, CHOICE_YES_NO, CHOICE_LPT, CHOICE_WEI, CHOICE_PERCENT,
	CHOICE_ADDRESS, CHOICE_STEPS, CHOICE_UNIT_FILE };
static const struct {
	const char *name;
	enum choice_kind kind;
	const char *prose;
} infos[CHOICES] = {
#define CHOICE(id, name, kind, prose) [CHOICE_##id] = {name, CHOICE_##kind, prose},
#include "src/wizard/choices.def"
};

void choices_clear(struct choices *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].value);
	}
	free(c->v);
	*c = (struct choices){.n = 0};
}

/* --- making one --- */

static bool is_yes(const char *text)
{
	return !strcmp(text, "yes") || !strcmp(text, "y") || !strcmp(text, "true");
}

static bool is_no(const char *text)
{
	return !strcmp(text, "no") || !strcmp(text, "n") || !strcmp(text, "false");
}

/* Names with blanks or commas between them. */
static struct err *read_steps(const char *text, bool out[static MIGRATE_STEPS])
{
	static const char between[] = " ,";

	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		size_t n = strcspn(text, between);
		char *name = xstrndup(text, n);
		enum migrate_step s = step_find(name);

		free(name);
		if (s == MIGRATE_STEPS)
			return err_new(ERR_INVALID, "\"%.*s\" is no step", (int)n, text);
		if (!step_info(s)->optional)
			return err_new(ERR_INVALID, "%s cannot be left out: the others need it",
				step_info(s)->name);
		out[s] = true;
		text += n;
	}
	return NULL;
}

static bool is_unit(const char *text)
{
	static const char *const words[] = {"none", "user", "system"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i], text))
			return true;
	return *text == '/' && str_has_suffix(text, ".service");
}

static struct err *check_own(enum choice_kind kind, const char *value)
{
	bool steps[MIGRATE_STEPS] = {false};
	struct eth_addr a;
	struct ppm p;
	struct wei w;
	struct lpt l;

	switch (kind) {
	case CHOICE_TEXT:
		return NULL;
	case CHOICE_YES_NO:
		return is_yes(value) || is_no(value) ? NULL
			: err_new(ERR_INVALID, "\"%s\" is neither yes nor no", value);
	case CHOICE_LPT:
		return lpt_parse(&l, value);
	case CHOICE_WEI:
		return wei_parse(&w, value);
	case CHOICE_PERCENT:
		return ppm_parse_percent(&p, value);
	case CHOICE_ADDRESS:
		return addr_parse(&a, value) ? NULL
			: err_new(ERR_INVALID, "\"%s\" is no address", value);
	case CHOICE_STEPS:
		return read_steps(value, steps);
	case CHOICE_UNIT_FILE:
		return is_unit(value) ? NULL : err_new(ERR_INVALID, "user, system, none, or a "
			"path from / on that ends in .service");
	}
	return NULL;
}

/* A record is no place for a password, nor is an answers file. */
static struct err *check_flag(const struct option *o, const char *value)
{
	struct option_value parsed;
	struct stat st;

	if (o->id == OPT_CONFIG || o->id == OPT_DATADIR)
		return err_new(ERR_INVALID, "--to says where; this wizard writes both");
	if (o->type == OPTION_SECRET && (stat(value, &st) != 0 || !S_ISREG(st.st_mode)))
		return err_new(ERR_INVALID, "it names no file: put the secret into a file of "
			"mode 0600 and give the file's name; a password may be typed instead");
	return option_parse(o, value, &parsed);
}

static struct err *check(const char *name, const char *value)
{
	const struct option *o = option_find(name);

	for (size_t i = 0; i < CHOICES; i++)
		if (!strcmp(infos[i].name, name))
			return check_own(infos[i].kind, value);
	if (o)
		return check_flag(o, value);
	return err_new(ERR_INVALID, "that is neither a choice of `weir migrate` (see its --help) "
		"nor a flag of a node");
}

/* What a line of a configuration and of a record can hold. */
static struct err *check_text(const char *value)
{
	size_t n = strlen(value);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
			return err_new(ERR_INVALID, "there is a control character in it");
	if (!utf8_valid(value, n) || strstr(value, " #") || (n && (value[0] == ' ' ||
		value[n - 1] == ' ')))
		return err_new(ERR_INVALID, "no line of a configuration can hold this");
	return NULL;
}

struct err *choices_set(struct choices *c, const char *name, const char *value)
{
	struct err *e = check_text(value);
	size_t i = 0;

	if (!e)
		e = check(name, value);
	if (e)
		return err_wrap(e, "%s", name);
	while (i < c->n && strcmp(c->v[i].name, name) != 0)
		i++;
	if (i == c->n) {
		c->v = xrealloc_array(c->v, c->n + 1, sizeof(*c->v));
		c->v[c->n++] = (struct choice){xstrdup(name), xstrdup(value)};
	} else {
		free(c->v[i].value);
		c->v[i].value = xstrdup(value);
	}
	return NULL;
}

static char *trim(char *p)
{
	static const char blank[] = " \t\r";
	size_t n;

	p += strspn(p, blank);
	n = strlen(p);
	while (n && strchr(blank, p[n - 1]))
		p[--n] = '\0';
	return p;
}

static struct err *read_line(struct choices *c, char *line)
{
	char *comment = strstr(line, " #"), *value;

	if (comment)
		*comment = '\0';
	line = trim(line);
	line += strspn(line, "-");
	if (!*line || *line == '#')
		return NULL;
	value = strpbrk(line, " \t=");
	if (!value)
		return choices_set(c, line, "true");
	*value++ = '\0';
	value = trim(value);
	return choices_set(c, line, *value == '=' ? trim(value + 1) : value);
}

struct err *choices_read_text(struct choices *c, const char *origin, const char *text)
{
	char *copy = xstrdup(text), *p = copy, *line;
	struct err *e = NULL;

	for (int n = 1; !e && (line = strsep(&p, "\n")); n++)
		e = err_wrap(read_line(c, line), "%s line %d", origin, n);
	free(copy);
	return e;
}

struct err *choices_read_file(struct choices *c, const char *path)
{
	struct str text = STR_INIT;
	struct err *e = file_read(path, FILE_MAX, &text);

	if (!e && strlen(str_cstr(&text)) != text.len)
		e = err_new(ERR_INVALID, "%s is not a text file", path);
	if (!e)
		e = choices_read_text(c, path, str_cstr(&text));
	str_clear(&text);
	return e;
}

/* --- what was chosen --- */

const char *choices_get(const struct choices *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].name, name))
			return c->v[i].value;
	return NULL;
}

const char *choices_own(const struct choices *c, enum choice_id id)
{
	return choices_get(c, infos[id].name);
}

bool choices_yes(const struct choices *c, enum choice_id id, bool otherwise)
{
	const char *value = choices_own(c, id);

	return value ? is_yes(value) : otherwise;
}

/* All of them were checked when they were made. */
static bool parsed(struct err *taken)
{
	bool ok = !taken;

	err_free(taken);
	return ok;
}

void choices_left_out(const struct choices *c, bool out[static MIGRATE_STEPS])
{
	const char *text = choices_own(c, CHOICE_LEAVE_OUT);

	memset(out, 0, MIGRATE_STEPS * sizeof(*out));
	if (text)
		err_free(read_steps(text, out)); /* it was checked when it was made */
}

struct eth_addr choices_addr(const struct choices *c, enum choice_id id)
{
	const char *text = choices_own(c, id);
	struct eth_addr a = {0};

	return text && addr_parse(&a, text) ? a : (struct eth_addr){0};
}

void choices_wish(const struct choices *c, const struct config *config, const char *uri,
	struct migrate_wish *out)
{
	const char *bond = choices_own(c, CHOICE_BOND), *cut = choices_own(c, CHOICE_REWARD_CUT);
	const char *share = choices_own(c, CHOICE_FEE_SHARE);
	const char *deposit = choices_own(c, CHOICE_DEPOSIT);
	const char *reserve = choices_own(c, CHOICE_RESERVE);
	const char *unit = choices_own(c, CHOICE_UNIT);
	unsigned roles = config_roles(config);

	*out = (struct migrate_wish){
		.unit = unit && strcmp(unit, "none") != 0,
		.orchestrator = roles & OPTION_O,
		.broadcaster = roles & OPTION_B,
		.chain_steps = choices_yes(c, CHOICE_CHAIN_STEPS, true),
	};
	if (bond && !parsed(lpt_parse(&out->bond, bond)))
		out->bond = LPT_ZERO;
	out->has_cut = cut && parsed(ppm_parse_percent(&out->reward_cut, cut));
	out->has_share = share && parsed(ppm_parse_percent(&out->fee_share, share));
	if (deposit && !parsed(wei_parse(&out->deposit, deposit)))
		out->deposit = WEI_ZERO;
	if (reserve && !parsed(wei_parse(&out->reserve, reserve)))
		out->reserve = WEI_ZERO;
	if (strlen(uri) < sizeof(out->uri))
		memcpy(out->uri, uri, strlen(uri) + 1);
}

void choices_flags(const struct choices *c, struct str *out)
{
	for (size_t i = 0; i < c->n; i++)
		if (option_find(c->v[i].name))
			str_printf(out, "%s %s\n", c->v[i].name, c->v[i].value);
}

void choice_describe(enum choice_id id, const char **name, const char **prose)
{
	*name = infos[id].name;
	*prose = infos[id].prose;
}
