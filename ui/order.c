/* The commands of proto/commands.def as `weir <command>`: one connection, one
 * order; and where it is about money, the node's question and the operator's
 * answer between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "ui/console.h"
#include "ui/dial.h"
#include "ui/say.h"

#define COMMAND_MS 180000 /* the node simulates, over RPCs that may be slow */

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_NO_NODE = 2 };

static struct err *ask(struct talk *c, uint64_t id, const struct command *command,
	struct ctl_answer *out)
{
	int64_t deadline = clock_mono_ms() + COMMAND_MS;
	struct str frame = STR_INIT;
	struct ctl_frame f;
	struct err *e;

	ctl_write_command(&frame, id, command);
	e = talk_write(c, &frame);
	str_clear(&frame);
	while (!e) {
		e = talk_next(c, &f, deadline);
		if (e || f.type != CTL_ANSWER)
			continue;
		e = ctl_answer_decode(&f, out);
		if (e || out->id == id)
			break;
		ctl_answer_clear(out);
	}
	return e;
}

/* The operator types what the node wants typed. */
static bool is_confirmed(const struct ctl_answer *a, bool yes)
{
	struct str ask = STR_INIT;
	char line[128] = "";

	say_lines(stderr, view_text(a->text));
	if (yes)
		return true;
	str_add(&ask, "Type ");
	str_add_safe(&ask, view_text(a->word), strlen(view_text(a->word)), 40);
	fprintf(stderr, "%s to do it: ", ask.s);
	str_clear(&ask);
	fflush(stderr);
	if (!fgets(line, sizeof(line), stdin))
		line[0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return !strcmp(line, view_text(a->word));
}

static struct err *may_not(const struct command_def *d, const struct order_options *o)
{
	if (o->dry_run && d->tier == TIER_MONEY)
		return NULL;
	if (o->readonly && command_tier_acts(d->tier))
		return err_new(ERR_DENIED, "%s: refused with -readonly", d->name);
	if (d->tier == TIER_MONEY && !o->yes && !isatty(STDIN_FILENO))
		return err_new(ERR_DENIED, "%s acts on the chain and is confirmed on a "
			"terminal; without one, give --yes", d->name);
	return NULL;
}

/* The node asks once, and once more where the facts move between. */
#define QUESTIONS_MAX 3

static struct err *converse(struct talk *c, struct command *command,
	const struct order_options *o, struct ctl_answer *out)
{
	struct err *e = ask(c, 1, command, out);

	for (uint64_t id = 2; !e && out->outcome == CTL_ASKS && !o->dry_run; id++) {
		size_t n = strlen(view_text(out->token));

		if (id > QUESTIONS_MAX + 1 || n >= sizeof(command->token))
			return err_new(ERR_PROTOCOL, "the node keeps asking");
		if (!is_confirmed(out, o->yes))
			return err_new(ERR_CANCELLED, "left as it was");
		memcpy(command->token, view_text(out->token), n + 1);
		ctl_answer_clear(out);
		e = ask(c, id, command, out);
	}
	return e;
}

/* Whether what comes is for a program, which must not find our escapes in it. */
static bool is_json(const struct command *c)
{
	bool json = false;

	for (size_t i = 0; c->def && i < c->def->args_n; i++)
		json = json || (!strcmp(c->def->args[i].name, "format") &&
			c->text[i] && !strcmp(c->text[i], "json"));
	return json;
}

static int tell(const struct command_def *d, bool json, const struct ctl_answer *a)
{
	FILE *to = a->outcome == CTL_REFUSED ? stderr : stdout;
	struct str s = STR_INIT;

	if (d->tier == TIER_QUERY && a->outcome == CTL_DONE) {
		str_add(&s, view_text(a->text));
		if (json)
			say_json(to, str_cstr(&s), s.len);
		else
			say_lines(to, str_cstr(&s));
		if (json && !str_has_suffix(str_cstr(&s), "\n"))
			fputc('\n', to);
		str_clear(&s);
		return (int)a->code;
	}
	if (a->outcome == CTL_ASKS) { /* nobody was to answer */
		say_lines(stdout, view_text(a->text));
		return EXIT_DONE;
	}
	str_printf(&s, "%s: %s%s%s", d->name, ctl_outcome_name(a->outcome),
		*view_text(a->text) ? ", " : "", view_text(a->text));
	say_lines(to, str_cstr(&s));
	str_clear(&s);
	return a->outcome == CTL_REFUSED ? EXIT_REFUSED : EXIT_DONE;
}

int order_main(const char *socket, const struct order_options *o, int argc, char **argv)
{
	const struct command_def *d = argc > 0 ? command_find(argv[0]) : NULL;
	struct ctl_answer answer = {0};
	struct command command = {0};
	struct talk c = {.fd = -1};
	struct err *e;
	bool json;
	int code;

	if (!d)
		return say_error(err_new(ERR_NOT_FOUND, "no command \"%s\"",
			argc > 0 ? argv[0] : ""), EXIT_NO_NODE);
	e = command_parse(d, argv + 1, (size_t)argc - 1, &command);
	if (!e && (e = may_not(d, o))) {
		command_clear(&command);
		return say_error(e, EXIT_REFUSED);
	}
	if (!e)
		e = talk_open(&c, socket);
	if (!e)
		e = converse(&c, &command, o, &answer);
	talk_close(&c);
	json = is_json(&command);
	command_clear(&command);
	if (e)
		code = say_error(e, err_kind(e) == ERR_CANCELLED ? EXIT_REFUSED
			: EXIT_NO_NODE);
	else
		code = tell(d, json, &answer);
	ctl_answer_clear(&answer);
	return code;
}
