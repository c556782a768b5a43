#ifndef SRC_NODE_CONFIG_H
#define SRC_NODE_CONFIG_H
/* What the operator asked for: each option's value and who set it. A command
 * line flag wins over the environment (LP_<FLAG>), that over a live edit kept
 * in the database, that over the config file, that over the default - ff's
 * order in go-livepeer with the live edits between. Built by main before the
 * threads start and only read after that. */
#include "src/base/log.h"
#include "src/model/options.h"

struct config;

enum config_origin {
	ORIGIN_DEFAULT,
	ORIGIN_FILE,
	ORIGIN_KV,
	ORIGIN_ENV,
	ORIGIN_FLAG,
	ORIGIN_COUNT
};

struct config *config_new(void);
void config_free(struct config *c);
struct config *config_copy(const struct config *c);

/* The flags of a command line, without the program's and subcommand's names. */
struct err *config_read_args(struct config *c, int argc, char *const *argv) must_check;
/* All LP_* variables of a NULL-terminated environment. */
struct err *config_read_env(struct config *c, char *const *env) must_check;
/* A config file: "name value" lines, "name" alone for true, # comments. */
struct err *config_read_file(struct config *c, const char *path) must_check;
struct err *config_read_text(struct config *c, const char *origin_name,
	const char *text, size_t n) must_check;
/* Notes that this is the file and what it said: config_read_file() does. */
void config_keep_file(struct config *c, const char *path, const char *text);
/* One value; replaces what that origin said before. */
struct err *config_set(struct config *c, enum option_id id, enum config_origin origin,
	const char *text) must_check;
/* That origin says nothing of it any more. */
void config_unset(struct config *c, enum option_id id, enum config_origin origin);
/* The three sources in their order, then config_check(). The file is that of
 * -config; or, where no role and no data directory is given, config_file_home(). */
struct err *config_load(struct config *c, int argc, char *const *argv,
	char *const *env) must_check;
/* Refuses options that weir does not have - all of them, one a line. */
struct err *config_check(const struct config *c) must_check;
/* What a node cannot start without, one a line; after the settings are in. */
struct err *config_check_start(const struct config *c) must_check;

bool config_bool(const struct config *c, enum option_id id);
int64_t config_int(const struct config *c, enum option_id id);
double config_float(const struct config *c, enum option_id id);
int64_t config_ms(const struct config *c, enum option_id id); /* durations */
struct wei config_wei(const struct config *c, enum option_id id);
struct eth_addr config_addr(const struct config *c, enum option_id id); /* zero: none */
/* -pricePerUnit or -maxPricePerUnit, for -pixelsPerUnit pixels. */
struct err *config_price(const struct config *c, enum option_id per, struct price *out)
	must_check;
/* What one origin says, in force or not; NULL: nothing. As config_text(). */
const char *config_said(const struct config *c, enum option_id id,
	enum config_origin origin);
/* The config file that was read last, and its bytes then; NULL: none was. */
const char *config_file_path(const struct config *c);
const char *config_file_text(const struct config *c);
/* Never NULL; a secret's real text: do not print it. */
const char *config_text(const struct config *c, enum option_id id);
/* Item i of a list, blanks around it trimmed, empty ones skipped; NULL at the
 * end. free() it. */
char *config_item(const struct config *c, enum option_id id, size_t i);

/* Overwrites a secret that was used, whoever set it; it counts as set. */
void config_wipe(struct config *c, enum option_id id);

bool config_is_set(const struct config *c, enum option_id id); /* not by default */
enum config_origin config_origin(const struct config *c, enum option_id id);
const char *config_origin_name(enum config_origin origin); /* "flag", "kv", ... */

enum log_level config_log_level(const struct config *c); /* of -v */
unsigned config_roles(const struct config *c); /* of enum option_roles */
/* It has a role, or something to do on the chain without one. */
bool config_serves(const struct config *c);
bool config_is_onchain(const struct config *c);
/* "orchestrator, broadcaster"; "" without. */
void config_roles_text(struct str *out, const struct config *c);
/* The directory of -datadir or ~/.lpData/<network>; free() it. */
char *config_datadir(const struct config *c);
/* What may be seen of a value: neither secrets nor the keys in providers' URLs. */
void config_show(struct str *out, enum option_id id, const char *text);
/* What is not at its default, with its origin: "name value (flag)" a line. */
void config_report(const struct config *c, struct str *out);

/* Remarks for the log that came up while reading, one call each. */
void config_note(struct config *c, const char *fmt, ...) printf_like(2, 3);
void config_notes(const struct config *c, void (*fn)(void *ctx, const char *note),
	void *ctx);
#endif
