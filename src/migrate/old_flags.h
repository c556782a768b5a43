#ifndef SRC_MIGRATE_OLD_FLAGS_H
#define SRC_MIGRATE_OLD_FLAGS_H
/* How a node of the alpha was started, and what becomes of each of its flags
 * (old_flags.def) in weir; where a flag means something else now, or its absence
 * does, a finding says so. From a process' arguments, a systemd unit, a shell
 * script, or what somebody typed. Pure; any thread. */
#include "src/base/err.h"
#include "src/base/str.h"
#include "src/model/options.h"

/* Which line of go-livepeer: -transcoder and -orchestrator changed sides. Flags
 * that only a later line had win over what is given here. */
enum old_line {
	OLD_LINE_ALPHA, /* 0.1 to 0.3.1, 0.3.3: what mainnet ran */
	OLD_LINE_0_4,	/* 0.3.2, 0.4.0 */
	OLD_LINE_0_5,	/* Streamflow: 0.5.0 and later */
};

enum old_fate {
	OLD_KEPT,    /* the same name and value */
	OLD_BECOMES, /* other names, or another value */
	OLD_GONE,    /* nothing takes its place, and nothing is lost */
	OLD_LOST,    /* weir cannot do this, or does it otherwise: read the comment */
	OLD_ASKS,    /* what it becomes is the operator's to say */
	OLD_UNKNOWN, /* no flag of the alpha's */
};

struct old_flag {
	char *name;  /* owned, without dashes; may be hostile text */
	char *value; /* owned; "true" for a switch */
	enum old_fate fate;
	bool secret; /* never to be shown: value is a password */
	const char *comment; /* what becomes of it and why; never NULL */
};

/* Where the old meaning bites; old_traps.def has them. */
enum old_trap {
#define TRAP(id, text, remedy) OLD_TRAP_##id,
#include "src/migrate/old_traps.def"
	OLD_TRAPS
};
struct old_finding {
	enum old_trap trap;
	const char *text;   /* what bites */
	const char *remedy; /* what is done about it, or is to be */
};

/* What weir is to be told: a line of its configuration. */
struct old_setting {
	enum option_id id;
	char *value;	      /* owned; "" where only the operator knows it */
	size_t from;	      /* the flag it comes of; SIZE_MAX: of a trap */
	enum old_trap trap;   /* where from is SIZE_MAX */
};

#define OLD_SETTINGS_MAX 64
struct old_flags {
	enum old_line line;
	char *program; /* owned; argv[0], "" where there was none */
	struct old_flag *flags;
	size_t n_flags;
	struct old_finding findings[OLD_TRAPS];
	size_t n_findings;
	struct old_setting settings[OLD_SETTINGS_MAX];
	size_t n_settings;
	unsigned roles;	     /* of enum option_roles: what it was */
	const char *network; /* "mainnet", "rinkeby", "offchain", "devenv"; or a flag's value */
};

/* argv[0] is the program. The errors are of the text (too long, an open quote,
 * no command in it); what is wrong with a flag is in *out. */
struct err *old_flags_from_args(int argc, char *const *argv, enum old_line line,
	struct old_flags **out) must_check;
/* The bytes of /proc/<pid>/cmdline. */
struct err *old_flags_from_cmdline(const char *bytes, size_t n, enum old_line line,
	struct old_flags **out) must_check;
/* A systemd unit: ExecStart with its quotes, continued lines and variables of
 * Environment=. */
struct err *old_flags_from_unit(const char *text, size_t n, enum old_line line,
	struct old_flags **out) must_check;
/* A shell script, or one line of it, or what was typed: the first command that is
 * a livepeer; variables set before it are put in. Nothing is run. */
struct err *old_flags_from_shell(const char *text, size_t n, enum old_line line,
	struct old_flags **out) must_check;
void old_flags_free(struct old_flags *f); /* NULL ok */

/* The last value of a flag, or NULL where it was not given. */
const char *old_flags_value(const struct old_flags *f, const char *name);
/* A path as the shell or systemd would have had it, "~" and $HOME put in; NULL
 * where the flag was not given or is empty. free() it. home: of the user that ran
 * the node. */
char *old_flags_path(const struct old_flags *f, const char *name, const char *home);
/* Where that node kept its data; free() it. */
char *old_flags_datadir(const struct old_flags *f, const char *home);
#endif
