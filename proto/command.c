#include "proto/command.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "proto/command_value.h"

#define ARG(name, type, ...) {#name, ARG_TYPE_##type, false, __VA_ARGS__}
#define OPT(name, type, ...) {#name, ARG_TYPE_##type, true, __VA_ARGS__}
#define ARG_TEXT(name, help) ARG(name, TEXT, 0, 0, NULL, help)
#define OPT_TEXT(name, help) OPT(name, TEXT, 0, 0, NULL, help)
#define ARG_INT(name, min, max, help) ARG(name, INT, min, max, NULL, help)
#define OPT_INT(name, min, max, help) OPT(name, INT, min, max, NULL, help)
#define ARG_WORD(name, words, help) ARG(name, WORD, 0, 0, words, help)
#define OPT_WORD(name, words, help) OPT(name, WORD, 0, 0, words, help)
#define ARG_WEI(name, help) ARG(name, WEI, 0, 0, NULL, help)
#define OPT_WEI(name, help) OPT(name, WEI, 0, 0, NULL, help)
#define ARG_LPT(name, help) ARG(name, LPT, 0, 0, NULL, help)
#define OPT_LPT(name, help) OPT(name, LPT, 0, 0, NULL, help)
#define ARG_ADDR(name, help) ARG(name, ADDR, 0, 0, NULL, help)
#define OPT_ADDR(name, help) OPT(name, ADDR, 0, 0, NULL, help)
#define ARG_PERCENT(name, help) ARG(name, PERCENT, 0, 0, NULL, help)
#define OPT_PERCENT(name, help) OPT(name, PERCENT, 0, 0, NULL, help)
#define ARG_PRICE(name, help) ARG(name, PRICE, 0, 0, NULL, help)
#define OPT_PRICE(name, help) OPT(name, PRICE, 0, 0, NULL, help)
#define COMMAND(name, tier, help, ...) \
	[CMD_##name] = {CMD_##name, #name, TIER_##tier, help, {__VA_ARGS__}, \
		sizeof((struct command_arg[]){__VA_ARGS__}) / \
			sizeof(struct command_arg)},
static const struct command_def table[CMD_COUNT] = {
#include "proto/commands.def"
};
#undef COMMAND

bool command_tier_acts(enum command_tier t)
{
	return t != TIER_QUERY && t != TIER_SAFE;
}

const struct command_def *command_def(enum command_id id)
{
	return &table[id];
}

static bool name_is(const char *name, const char *given)
{
	for (; *name && *given; name++, given++) {
		if (*name != (*given == '-' ? '_' : *given))
			return false;
	}
	return *name == *given;
}

const struct command_def *command_find(const char *name)
{
	for (size_t i = 0; i < CMD_COUNT; i++) {
		if (name_is(table[i].name, name))
			return &table[i];
	}
	return NULL;
}

struct err *command_put(struct command *c, size_t arg, const char *text)
{
	struct err *e = command_value_parse(c->def, arg, text, &c->value[arg]);

	if (e)
		return e;
	free(c->text[arg]);
	c->text[arg] = xstrdup(text);
	return NULL;
}

static struct err *usage_error(const struct command_def *def)
{
	struct str usage = STR_INIT;
	struct err *e;

	command_usage(def, &usage);
	e = err_new(ERR_INVALID, "usage: %s", usage.s);
	str_clear(&usage);
	return e;
}

struct err *command_complete(const struct command *c)
{
	for (size_t i = 0; i < c->def->args_n; i++)
		if (!c->text[i] && !c->def->args[i].optional)
			return usage_error(c->def);
	return NULL;
}

/* "name=value" with the name of an argument: its value, and which. */
static const char *named_value(const struct command_def *d, const char *word,
	size_t *arg)
{
	const char *eq = strchr(word, '=');

	for (*arg = 0; eq && *arg < d->args_n; (*arg)++) {
		const char *name = d->args[*arg].name;

		if (strlen(name) == (size_t)(eq - word) &&
			!strncmp(name, word, (size_t)(eq - word)))
			return eq + 1;
	}
	return NULL;
}

struct err *command_parse(const struct command_def *def, char *const *words,
	size_t words_n, struct command *out)
{
	size_t next = 0;
	struct err *e = NULL;

	*out = (struct command){.def = def};
	for (size_t i = 0; !e && i < words_n; i++) {
		struct str joined = STR_INIT;
		size_t arg;
		const char *value = named_value(def, words[i], &arg);

		if (!value) {
			while (next < def->args_n && out->text[next])
				next++;
			arg = next;
			value = words[i];
		}
		if (arg == def->args_n || out->text[arg]) {
			e = usage_error(def);
			break;
		}
		str_add(&joined, value);
		if (i + 1 < words_n && command_value_joins(def->args[arg].type,
				value, words[i + 1]))
			str_printf(&joined, " %s", words[++i]);
		e = command_put(out, arg, str_cstr(&joined));
		str_clear(&joined);
	}
	if (!e)
		e = command_complete(out);
	if (e)
		command_clear(out);
	return e;
}

/* The next word of a line, without the quotes around it; NULL at the end. A
 * backslash takes a quote or another backslash for what it is. */
static char *take_word(const char **line)
{
	const char *p = *line + strspn(*line, " \t");
	struct str word = STR_INIT;
	bool quoted = false, any = false;

	for (; *p && (quoted || !strchr(" \t", *p)); p++) {
		any = true;
		if (*p == '\\' && p[1] && strchr("\"\\", p[1]))
			str_addc(&word, *++p);
		else if (*p == '"')
			quoted = !quoted;
		else
			str_addc(&word, *p);
	}
	*line = p;
	return any ? str_take(&word) : NULL;
}

void command_quote(struct str *out, const char *text)
{
	bool plain = *text && !text[strcspn(text, " \t\"\\")];

	if (plain) {
		str_add(out, text);
		return;
	}
	str_addc(out, '"');
	for (; *text; text++) {
		if (strchr("\"\\", *text))
			str_addc(out, '\\');
		str_addc(out, *text);
	}
	str_addc(out, '"');
}

struct err *command_parse_line(const char *line, struct command *out)
{
	char *words[2 * COMMAND_ARGS_MAX + 2] = {0};
	const struct command_def *def;
	struct err *e;
	size_t n = 0;

	*out = (struct command){0};
	while (n < ARRAY_SIZE(words) && (words[n] = take_word(&line)))
		n++;
	def = n ? command_find(words[0]) : NULL;
	if (def)
		e = command_parse(def, words + 1, n - 1, out);
	else
		e = err_new(ERR_NOT_FOUND, "no command \"%s\"",
			n ? words[0] : "");
	for (size_t i = 0; i < n; i++)
		free(words[i]);
	return e;
}

void command_clear(struct command *c)
{
	for (size_t i = 0; i < COMMAND_ARGS_MAX; i++)
		free(c->text[i]);
	*c = (struct command){0};
}

static size_t arg_index(const struct command *c, const char *arg)
{
	size_t i = 0;

	while (i < c->def->args_n && strcmp(c->def->args[i].name, arg) != 0)
		i++;
	assert(i < c->def->args_n);
	return i;
}

const char *command_text(const struct command *c, const char *arg)
{
	return c->text[arg_index(c, arg)];
}

const union command_value *command_value(const struct command *c,
	const char *arg)
{
	size_t i = arg_index(c, arg);

	return c->text[i] ? &c->value[i] : NULL;
}

void command_usage(const struct command_def *def, struct str *out)
{
	str_add(out, def->name);
	for (size_t i = 0; i < def->args_n; i++) {
		const struct command_arg *a = &def->args[i];

		str_add(out, a->optional ? " [" : " ");
		if (a->type == ARG_TYPE_WORD)
			str_add(out, a->words);
		else
			for (const char *p = a->name; *p; p++)
				str_addc(out, (char)toupper((unsigned char)*p));
		str_add(out, a->optional ? "]" : "");
	}
}
