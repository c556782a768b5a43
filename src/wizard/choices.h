#ifndef SRC_WIZARD_CHOICES_H
#define SRC_WIZARD_CHOICES_H
/* What the operator has decided: from the command line, from an answers file
 * ("name value" lines, # comments, as a config file), typed, or from the record
 * of a migration that goes on. The wizard's own choices (choices.def) and flags
 * of a node, by their names. main's thread.
 * No password is among them: -ethPassword names a file or is refused. */
#include "src/wizard/plan.h"
#include "src/node/config.h"

enum choice_id {
#define CHOICE(id, name, kind, prose) CHOICE_##id,
#include "src/wizard/choices.def"
	CHOICES
};
struct choice { /* one that was made */
	char *name, *value; /* owned */
};
struct choices {
	struct choice *v; /* a name once */
	size_t n;
};
void choices_clear(struct choices *c);

/* The error names what is unknown or wrong. Replaces what was said before. */
struct err *choices_set(struct choices *c, const char *name, const char *value) must_check;
struct err *choices_read_text(struct choices *c, const char *origin, const char *text)
	must_check;
struct err *choices_read_file(struct choices *c, const char *path) must_check;

/* NULL: not chosen. */
const char *choices_get(const struct choices *c, const char *name);
const char *choices_own(const struct choices *c, enum choice_id id);
bool choices_yes(const struct choices *c, enum choice_id id, bool otherwise);
void choices_left_out(const struct choices *c, bool out[static MIGRATE_STEPS]);
struct eth_addr choices_addr(const struct choices *c, enum choice_id id); /* zero: none */

/* What is wanted on the chain; uri: of a node with these flags, or "". */
void choices_wish(const struct choices *c, const struct config *config, const char *uri,
	struct migrate_wish *out);
/* The flags of a node among them, as lines of a configuration. */
void choices_flags(const struct choices *c, struct str *out);
void choice_describe(enum choice_id id, const char **name, const char **prose);
#endif
