#include "proto/command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ARG_TEXT(name, help) {#name, ARG_TYPE_TEXT, 0, 0, NULL, help},
#define ARG_INT(name, min, max, help) \
	{#name, ARG_TYPE_INT, min, max, NULL, help},
#define ARG_WORD(name, words, help) {#name, ARG_TYPE_WORD, 0, 0, words, help},
#define COMMAND(name, tier, help, ...) \
	[CMD_##name] = {CMD_##name, #name, TIER_##tier, help, {__VA_ARGS__}, \
		sizeof((struct command_arg[]){__VA_ARGS__}) / \
			sizeof(struct command_arg)},
static const struct command_def table[CMD_COUNT] = {
#include "proto/commands.def"
};
#undef COMMAND
#undef ARG_TEXT
#undef ARG_INT
#undef ARG_WORD

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

static struct err *check(const struct command_def *d, size_t i,
	const char *word, int64_t *number)
{
	const struct command_arg *a = &d->args[i];

	switch (a->type) {
	case ARG_TYPE_TEXT:
		if (!*word || strlen(word) > COMMAND_TEXT_MAX ||
			!utf8_valid(word, strlen(word)))
			return err_new(ERR_INVALID,
				"%s: %s is text of 1 to %d bytes", d->name,
				a->name, COMMAND_TEXT_MAX);
		return NULL;
	case ARG_TYPE_INT:
		if (!parse_i64(word, number) || *number < a->min ||
			*number > a->max)
			return err_new(ERR_INVALID,
				"%s: %s is a number from %lld to %lld", d->name,
				a->name, (long long)a->min, (long long)a->max);
		return NULL;
	case ARG_TYPE_WORD:
		if (!is_one_of(a->words, word))
			return err_new(ERR_INVALID, "%s: %s is one of %s",
				d->name, a->name, a->words);
		return NULL;
	}
	return NULL;
}

struct err *command_parse(const struct command_def *def, char *const *words,
	size_t words_n, struct command *out)
{
	struct str usage = STR_INIT;
	struct err *e = NULL;

	*out = (struct command){.def = def};
	if (words_n != def->args_n) {
		command_usage(def, &usage);
		e = err_new(ERR_INVALID, "usage: %s", usage.s);
		str_clear(&usage);
	}
	for (size_t i = 0; !e && i < words_n; i++) {
		e = check(def, i, words[i], &out->number[i]);
		out->text[i] = xstrdup(words[i]);
	}
	if (e)
		command_clear(out);
	return e;
}

struct err *command_parse_line(const char *line, struct command *out)
{
	char *words[COMMAND_ARGS_MAX + 2] = {0};
	const struct command_def *def;
	struct err *e;
	size_t n = 0;

	*out = (struct command){0};
	for (const char *p = line; *p && n < ARRAY_SIZE(words);) {
		size_t len = strcspn(p, " \t");

		if (len)
			words[n++] = xstrndup(p, len);
		p += len + (p[len] != '\0');
	}
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

void command_usage(const struct command_def *def, struct str *out)
{
	str_add(out, def->name);
	for (size_t i = 0; i < def->args_n; i++) {
		const struct command_arg *a = &def->args[i];

		str_addc(out, ' ');
		if (a->type == ARG_TYPE_WORD) {
			str_add(out, a->words);
			continue;
		}
		for (const char *p = a->name; *p; p++)
			str_addc(out, (char)toupper((unsigned char)*p));
	}
}
