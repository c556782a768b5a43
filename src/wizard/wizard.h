#ifndef SRC_WIZARD_WIZARD_H
#define SRC_WIZARD_WIZARD_H
/* `weir migrate`: takes a node of the Livepeer alpha to Streamflow. DETECT what
 * there is (alpha_dir), CHECK it and the chain (check, survey), PLAN (plan), DO
 * (file_steps, chain_steps), VERIFY; everything that is done is in a record on
 * the disk first (record), so that whoever is killed goes on with --resume.
 * main's thread, before there is any other; blocks as long as it takes. */
#include "src/wizard/choices.h"
#include "src/model/view.h"

#define MIGRATE_ANSWER_MAX 4096 /* bytes of a line */

struct migrate_options {
	const char *from, *to; /* NULL: looked for, or asked */
	bool dry_run, resume, rollback;
	bool look; /* migrate_look(), and no more */
	bool yes;	  /* asks nothing */
	bool interactive; /* there is a person, to be asked what is missing */
	struct choices choices; /* of the command line; taken */
};

/* What the operator alone knows. Texts; NULL: there is none. */
struct migrate_question {
	const char *kind;  /* "line"; "word": `word` is to be typed; "plan": the same, and
			    * behind it " -name" of each step that is left out */
	const char *name;  /* what it is about: a choice, or a step */
	const char *text;  /* to be read, with ": " at its end */
	const char *about; /* lines that it is asked about; said already */
	const char *otherwise; /* what an empty answer means */
	const char *word;
};

/* Who listens, and is asked. */
struct migrate_voice {
	void (*say)(void *ctx, const char *line);
	/* free() the answer; NULL: there is none any more. */
	char *(*ask)(void *ctx, const struct migrate_question *q);
	/* A password, for passphrase_free(). NULL: the terminal is asked for it. */
	struct err *(*secret)(void *ctx, const char *prompt, char **out);
	/* How far it is: whenever that changes, and before it asks. NULL: nobody looks. */
	void (*tell)(void *ctx, const struct migration_row *report);
	void *ctx;
};

/* report: of view.def, zeroed; filled as far as it came, in any case. The error
 * is in it too. */
struct err *migrate_run(struct migrate_options *o, const struct migrate_voice *voice,
	struct migration_row *report) must_check;

enum migrate_report { REPORT_TEXT, REPORT_JSON, REPORT_LINES };
/* argv: what follows the subcommand's name; *report: of --report, *help: --help. */
struct err *migrate_read_args(struct migrate_options *o, int argc, char *const *argv,
	enum migrate_report *report, bool *help) must_check;
void migrate_help(struct str *out);
void migrate_man(struct str *out); /* a section for troff */
/* How nodes of the alpha are started on this machine, in lines. */
void migrate_look(struct str *out);
/* For people: the report in lines. */
void migrate_print(struct str *out, const struct migration_row *report);
#endif
