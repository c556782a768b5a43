#include "ui/complete.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/command.h"
#include "src/model/options.h"
#include "src/model/rendition.h"
#include "ui/words.h"

#define LIST_BYTES 300

struct search {
	struct completion *out;
	const char *word; /* what is there of it */
	size_t n;
	struct str common; /* what all candidates share, with the word */
};

static void offer_n(struct search *s, const char *word, size_t len)
{
	struct completion *x = s->out;
	size_t same = 0;

	if (!len || len < s->n || strncmp(word, s->word, s->n))
		return;
	if (!x->count++) {
		str_addn(&s->common, word, len);
	} else {
		while (same < s->common.len && same < len && s->common.s[same] == word[same])
			same++;
		str_truncate(&s->common, same);
	}
	if (x->list.len < LIST_BYTES) {
		str_add(&x->list, x->list.len ? "  " : "");
		str_addn(&x->list, word, len);
	}
}

static void offer(struct search *s, const char *word)
{
	/* What a stranger made to look like two words is not offered. */
	if (word && !word[strcspn(word, " \"\\")])
		offer_n(s, word, strlen(word));
}

static void offer_words(struct search *s, const char *words)
{
	for (const char *w = words; w && *w;) {
		size_t len = strcspn(w, "|");

		offer_n(s, w, len);
		w += len + (w[len] == '|');
	}
}

static void offer_number(struct search *s, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	offer(s, text);
}

static void offer_addresses(struct search *s, const struct mirror *m, const char *arg)
{
	bool delegate = !strcmp(arg, "delegate");

	for (size_t i = 0; delegate && i < m->staking.pool.n; i++)
		offer(s, m->staking.pool.v[i].address);
	for (size_t i = 0; !delegate && i < m->pricing.senders.n; i++)
		offer(s, m->pricing.senders.v[i].address);
	for (size_t i = 0; !delegate && i < m->pricing.per_broadcaster.n; i++)
		offer(s, m->pricing.per_broadcaster.v[i].address);
}

static void offer_numbers(struct search *s, const struct mirror *m,
	const struct command_def *def, const char *arg)
{
	bool tx = def->id == CMD_speed_up || def->id == CMD_cancel_tx;

	for (size_t i = 0; tx && i < m->txs.rows.n; i++) {
		if (m->txs.rows.v[i].can_replace)
			offer_number(s, m->txs.rows.v[i].id);
	}
	for (size_t i = 0; !strcmp(arg, "lock") && i < m->staking.locks.n; i++)
		offer_number(s, m->staking.locks.v[i].id);
}

/* The last of the presets that commas divide. */
static void offer_presets(struct search *s)
{
	const char *comma = memrchr(s->word, ',', s->n);

	if (comma) {
		s->n -= (size_t)(comma + 1 - s->word);
		s->word = comma + 1;
	}
	s->out->ends = false;
	for (size_t i = 0; preset_at(i); i++) {
		if (preset_at(i)->selectable)
			offer(s, preset_at(i)->rendition.name);
	}
}

static void offer_texts(struct search *s, const struct mirror *m,
	const struct command_def *def, const char *arg)
{
	bool session = def->id == CMD_end_session || !strcmp(arg, "session");

	if (!strcmp(arg, "ladder")) {
		offer_presets(s);
	} else if (def->id == CMD_set || def->id == CMD_unset) {
		for (size_t i = 0; !strcmp(arg, "flag") && i < m->settings.rows.n; i++)
			offer(s, m->settings.rows.v[i].name);
	} else if (def->id == CMD_ack) {
		for (size_t i = 0; i < m->node.alarms.n; i++)
			offer(s, m->node.alarms.v[i].id);
	} else if (session) {
		for (size_t i = 0; i < m->live_n; i++)
			offer(s, m->live[i]->id);
	} else if (!strcmp(arg, "id")) {
		for (size_t i = 0; i < m->transcoders.rows.n; i++)
			offer(s, m->transcoders.rows.v[i].id);
	}
}

static void offer_values(struct search *s, const struct mirror *m,
	const struct command_def *def, size_t arg)
{
	const struct command_arg *a = &def->args[arg];

	switch (a->type) {
	case ARG_TYPE_WORD:
		offer_words(s, a->words);
		break;
	case ARG_TYPE_TEXT:
		offer_texts(s, m, def, a->name);
		break;
	case ARG_TYPE_INT:
		offer_numbers(s, m, def, a->name);
		break;
	case ARG_TYPE_ADDR:
		offer_addresses(s, m, a->name);
		break;
	case ARG_TYPE_WEI:
	case ARG_TYPE_LPT:
	case ARG_TYPE_PERCENT:
	case ARG_TYPE_PRICE:
		break;
	}
}

/* "name=" of the arguments that may be left out. */
static void offer_names(struct search *s, const struct command_def *def)
{
	for (size_t i = 0; i < def->args_n; i++) {
		char name[48];

		if (!def->args[i].optional)
			continue;
		snprintf(name, sizeof(name), "%s=", def->args[i].name);
		offer(s, name);
	}
}

static void offer_arguments(struct search *s, const struct mirror *m,
	const struct command_def *def, size_t arg)
{
	const char *eq = memchr(s->word, '=', s->n);

	for (size_t i = 0; eq && i < def->args_n; i++) {
		size_t n = strlen(def->args[i].name);

		if (n != (size_t)(eq - s->word) || strncmp(def->args[i].name, s->word, n))
			continue;
		s->word += n + 1;
		s->n -= n + 1;
		offer_values(s, m, def, i);
		return;
	}
	if (arg < def->args_n)
		offer_values(s, m, def, arg);
	if (s->out->count == 0 || def->args_n > 1) {
		size_t before = s->out->count;

		offer_names(s, def);
		/* "name=" goes on with its value. */
		s->out->ends = s->out->ends && s->out->count == before;
	}
}

static void offer_first(struct search *s)
{
	for (enum command_id i = 0; i < CMD_COUNT; i++)
		offer(s, command_def(i)->name);
	for (enum word w = 0; w < WORD_COUNT; w++)
		offer(s, word_def(w)->name);
}

void completion_find(struct completion *x, const struct mirror *m, const char *line)
{
	const char *space = strchr(line, ' '), *last = strrchr(line, ' ');
	const char *word = last ? last + 1 : line;
	struct search s = {x, word, strlen(word), STR_INIT};
	const struct command_def *def = NULL;
	size_t arg = 0;

	*x = (struct completion){.ends = true};
	if (!space) {
		offer_first(&s);
	} else {
		char *name = xstrndup(line, (size_t)(space - line));

		def = command_find(name);
		free(name);
		for (const char *p = space; p < last; p++)
			arg += *p == ' ' && p[1] != ' ';
		if (def)
			offer_arguments(&s, m, def, arg);
	}
	if (x->count) {
		str_add(&x->rest, str_cstr(&s.common) + s.n);
	} else if (def) {
		command_usage(def, &x->usage);
		str_printf(&x->usage, ": %s", def->help);
	}
	x->ends = x->ends && x->count == 1;
	str_clear(&s.common);
}

void completion_clear(struct completion *x)
{
	str_clear(&x->rest);
	str_clear(&x->list);
	str_clear(&x->usage);
}
