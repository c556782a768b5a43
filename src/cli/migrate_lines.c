#include "src/cli/migrate_lines.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "proto/view_codec.h"
#include "src/base/secret.h"
#include "src/node/daemon.h"
#include "src/node/passphrase.h"
#include "ui/say.h"

/* --- what is said --- */

/* Whole, or nobody listens any more. */
static void send_event(const struct migration_event *event)
{
	struct str line = STR_INIT;
	size_t at = 0;
	ssize_t n = 0;

	view_encode(migration_event_desc(), event, &line);
	str_addc(&line, '\n');
	while (at < line.len && (n >= 0 || errno == EINTR)) {
		n = write(STDOUT_FILENO, line.s + at, line.len - at);
		at += n > 0 ? (size_t)n : 0;
	}
	str_clear(&line);
}

static void set(char **field, const char *text)
{
	view_set(field, text ? text : "");
}

static void say_event(void *ctx, const char *text)
{
	struct migration_event event = {.event = NULL};

	(void)ctx;
	set(&event.event, "say");
	set(&event.text, text);
	send_event(&event);
	view_clear(migration_event_desc(), &event);
}

/* The report is the wizard's: it is lent for the time of this. */
static void tell_event(void *ctx, const struct migration_row *report)
{
	struct migration_row row = *report;
	struct migration_event event = {.report = {&row, 1}};
	char name[] = "report";

	(void)ctx;
	event.event = name;
	send_event(&event);
}

static void ask_event(const struct migrate_question *q)
{
	struct migration_event event = {.event = NULL};
	size_t n = strlen(q->text);

	set(&event.event, "ask");
	event.text = xstrndup(q->text, str_has_suffix(q->text, ": ") ? n - 2 : n);
	set(&event.kind, q->kind);
	set(&event.name, q->name);
	set(&event.about, q->about);
	set(&event.otherwise, q->otherwise);
	set(&event.word, q->word);
	send_event(&event);
	view_clear(migration_event_desc(), &event);
}

/* --- what is answered --- */

/* false: the input has ended. */
static bool read_byte(char *c)
{
	ssize_t n;

	do
		n = read(STDIN_FILENO, c, 1);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

static char *ask_in_lines(void *ctx, const struct migrate_question *q)
{
	struct str line = STR_INIT;
	char c;

	(void)ctx;
	ask_event(q);
	while (read_byte(&c)) {
		if (c == '\n')
			return str_take(&line);
		if (line.len < MIGRATE_ANSWER_MAX)
			str_addc(&line, c ? c : ' ');
	}
	str_clear(&line);
	return NULL;
}

static struct err *read_secret(char *out)
{
	size_t n = 0;
	char c;

	while (read_byte(&c)) {
		if (c == '\n') {
			secret_wipe(&c, 1);
			return NULL;
		}
		if (n + 1 == PASSPHRASE_SIZE)
			return err_new(ERR_LIMIT, "a password has at most %d bytes",
				PASSPHRASE_SIZE - 1);
		out[n++] = c;
	}
	return err_new(ERR_CANCELLED, "no password was given");
}

static struct err *ask_secret(void *ctx, const char *prompt, char **out)
{
	struct err *e;

	(void)ctx;
	ask_event(&(struct migrate_question){.kind = "secret", .name = "password",
		.text = prompt});
	*out = secret_alloc(PASSPHRASE_SIZE);
	e = read_secret(*out);
	if (e)
		passphrase_free(TAKE(*out));
	return e;
}

int migrate_in_lines(struct migrate_options *o)
{
	const struct migrate_voice voice = {.say = say_event, .ask = ask_in_lines,
		.secret = ask_secret, .tell = tell_event};
	struct migration_row report = {0};
	struct err *e;
	int code = EXIT_OK;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	o->interactive = true;
	e = migrate_run(o, &voice, &report);
	tell_event(NULL, &report);
	view_clear(migration_row_desc(), &report);
	if (e)
		code = say_error(e, EXIT_FAILED);
	return code;
}
