#ifndef SRC_WIZARD_MIGRATION_H
#define SRC_WIZARD_MIGRATION_H
/* One run of the wizard: what its files share. main's thread owns all of it. */
#include "src/crypto/signer.h"
#include "src/migrate/alpha_dir.h"
#include "src/migrate/old_flags.h"
#include "src/wizard/wizard.h"
#include "src/wizard/outpost.h"
#include "src/migrate/record.h"
#include "src/migrate/record_report.h"
#include "src/wizard/survey.h"
#include "src/node/ports.h"

#define MIGRATION_CONFIG "weir.conf" /* in the new data directory */
#define MIGRATION_ID_SIZE 13

struct migration {
	struct migrate_options *o;
	const struct migrate_voice *voice;
	struct migration_row *report;

	char id[MIGRATION_ID_SIZE]; /* of this pair of directories */
	char *found_from, *typed_to; /* where the options do not say */
	char *from, *to;	    /* absolute */
	char *record_path, *backup, *config_path, *trial_path;
	struct choices choices;
	struct config *config; /* of the new node */
	char *config_text;
	struct record *record; /* NULL: nothing is written */

	struct alpha_dir *alpha;
	struct old_flags *old_flags; /* NULL: not told */
	char *price; /* a pixel's, by what its jobs cost; NULL: not known */
	struct eth_addr account; /* zero: there is none */
	char *password;		 /* of passphrase.h; NULL: not known */
	struct signer *signer;	 /* NULL: off chain, or a dry run without a password */
	bool surveyed;
	struct survey survey;
	struct plan plan;
	bool left_out[MIGRATE_STEPS]; /* by the operator */
	struct outpost *outpost; /* from the first step on the chain to the last */
};

/* --- migrate.c --- */
void migration_say(struct migration *m, const char *fmt, ...) printf_like(2, 3);
void migration_tell(struct migration *m); /* how far it is */
void migration_remark(struct migration *m, const char *level, const char *name,
	const char *fmt, ...) printf_like(4, 5);

/* --- ledger.c: what goes into the record, and comes back from it --- */
/* A line about a step; MIGRATE_STEPS: about all of it. */
struct err *migration_note(struct migration *m, const char *event, enum migrate_step step,
	const struct migration_line *more) must_check;
struct err *migration_put_plan(struct migration *m) must_check; /* it is confirmed */
struct err *migration_take_plan(struct migration *m) must_check; /* and the choices */
void migration_states(const struct migration *m, enum work_state out[static MIGRATE_STEPS]);

/* --- paths.c --- */
struct err *migration_find_paths(struct migration *m) must_check;

/* --- heritage.c: what the new configuration has of the old node --- */
struct err *migration_read_flags(struct migration *m) must_check;
/* Where the node of the flags kept its data, if that is there; free() it. */
char *migration_old_datadir(const struct migration *m);
/* The configuration from the old flags and the choices that were made so far. */
struct err *migration_configure(struct migration *m) must_check;
/* What a segment cost becomes what a pixel costs, with the arithmetic. */
struct err *migration_suggest_price(struct migration *m) must_check;

/* --- questions.c: asks for what is missing, where somebody can be asked --- */
struct err *migration_ask_directories(struct migration *m) must_check;
/* How the alpha was started, where nothing else says what the new node is to be. */
struct err *migration_ask_flags(struct migration *m) must_check;
struct err *migration_ask(struct migration *m) must_check;
/* The old node runs, as `how` says: until it does not, or nobody answers. */
struct err *migration_ask_stop(struct migration *m, const char *how) must_check;
struct err *migration_ask_account(struct migration *m) must_check;
/* The word is typed, or --yes was given. about: what was said of it; NULL: nothing.
 * ERR_CANCELLED. */
struct err *migration_confirm(struct migration *m, const char *name, const char *about,
	const char *question, const char *word) must_check;
/* The same for the plan, of which steps may be left out. */
struct err *migration_confirm_plan(struct migration *m) must_check;

/* --- key.c --- */
/* The account's key opens with the operator's password; `dir`: of keyfiles. */
struct err *migration_open_key(struct migration *m, const char *path,
	struct signer **out) must_check;

/* --- check.c: DETECT and CHECK; nothing is written --- */
struct err *migration_detect(struct migration *m) must_check;
struct err *migration_check(struct migration *m) must_check;
struct err *migration_plan(struct migration *m) must_check;

/* --- file_steps.c, chain_steps.c, verify.c --- */
struct err *migration_file_step(struct migration *m, const struct planned_step *s)
	must_check;
struct err *migration_chain_step(struct migration *m, const struct planned_step *s)
	must_check;
struct err *migration_verify(struct migration *m) must_check;

/* --- undo.c: --rollback --- */
struct err *migration_undo(struct migration *m) must_check;

/* --- report.c --- */
/* The steps of the report, from the plan and the record. */
void migration_report_steps(struct migration *m);
#endif
