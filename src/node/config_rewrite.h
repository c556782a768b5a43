#ifndef SRC_NODE_CONFIG_REWRITE_H
#define SRC_NODE_CONFIG_REWRITE_H
/* Changing single lines of a config file, and of the text nothing else: the
 * operator's comments, order, indents and line ends stay. What config_read_text()
 * reads in the result is what it read before, with the changes. Pure. */
#include "src/model/options.h"

struct config_change {
	enum option_id id;
	const char *value; /* NULL: its lines become comments */
};

/* Appends the text as it is to be; ids are not twice. ERR_INVALID names a flag
 * whose value no line can say. */
struct err *config_rewrite(const char *text, size_t n, const struct config_change *changes,
	size_t changes_n, struct str *out) must_check;
/* What differs: "-line" and "+line" for each that went and came, in order. Secrets
 * and the keys in URLs are not shown. */
void config_diff(const char *before, const char *after, struct str *out);
#endif
