#ifndef SRC_MIGRATE_NEW_CONFIG_H
#define SRC_MIGRATE_NEW_CONFIG_H
/* weir's configuration file, from how a node of the alpha was started: a comment
 * for each old flag with what became of it, each trap where it bites, and the
 * settings, which src/node/config reads. Pure; any thread. */
#include "src/migrate/old_flags.h"
#include "src/model/amount.h"

/* What the operator and the wizard know better than the old flags. NULL or zero:
 * nothing. Texts may hold no control characters. */
struct new_config {
	const char *network;
	const char *datadir;
	const char *keystore;
	struct eth_addr account;
	const char *password_file;
	const char *eth_url; /* one or more, separated by commas */
	struct eth_addr controller;
	const char *service; /* host:port */
	struct price price;	/* an orchestrator's; unit 0: not known */
	struct price max_price; /* a broadcaster's; unit 0: not known */
};

/* The error names what may not be in a configuration (a line end in a path). A
 * setting that nobody knows is a comment that says so. */
struct err *new_config_write(const struct old_flags *f, const struct new_config *known,
	struct str *out) must_check;
/* What the new node should be told, and neither the flags nor `known` say: names
 * of options, one a line. */
void new_config_missing(const struct old_flags *f, const struct new_config *known,
	struct str *out);
#endif
