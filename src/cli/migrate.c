/* `weir migrate`: the wizard's voice at a terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/view_codec.h"
#include "src/cli/call.h"
#include "src/cli/migrate_lines.h"
#include "src/node/daemon.h"
#include "src/wizard/wizard.h"
#include "ui/say.h"

static void say_line(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

static char *ask_line(void *ctx, const struct migrate_question *q)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	(void)ctx;
	fputs(q->text, stderr);
	n = getline(&line, &size, stdin);
	if (n < 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static int migrate_with(struct migrate_options *o, bool json)
{
	const struct migrate_voice voice = {.say = say_line, .ask = ask_line};
	struct migration_row report = {0};
	struct str text = STR_INIT;
	struct err *e;

	o->interactive = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	e = migrate_run(o, &voice, &report);
	if (json)
		view_encode(migration_row_desc(), &report, &text);
	else
		migrate_print(&text, &report);
	if (json)
		str_addc(&text, '\n');
	call_print_safe(&text, json);
	view_clear(migration_row_desc(), &report);
	return e ? say_error(e, EXIT_FAILED) : EXIT_OK;
}

int cli_migrate(int argc, char **argv)
{
	struct migrate_options o = {.from = NULL};
	struct str text = STR_INIT;
	enum migrate_report report = REPORT_TEXT;
	bool help = false;
	struct err *e = migrate_read_args(&o, argc, argv, &report, &help);
	int code = EXIT_OK;

	if (e) {
		code = say_error(e, EXIT_USAGE);
	} else if (help) {
		migrate_help(&text);
		call_print(&text);
	} else if (o.look) {
		migrate_look(&text);
		call_print_safe(&text, true);
	} else if (report == REPORT_LINES) {
		code = migrate_in_lines(&o);
	} else {
		code = migrate_with(&o, report == REPORT_JSON);
	}
	choices_clear(&o.choices);
	return code;
}
