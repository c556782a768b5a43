#ifndef SRC_NODE_SETUP_H
#define SRC_NODE_SETUP_H
/* The guided set-up: what a machine is to be, what must be known for that, and a
 * config file with comments out of it. Asks a person, or takes all answers from
 * the flags; either way each is checked where it can be. Makes no account and
 * sends nothing. main's thread, before there is another. */
#include "src/node/config.h"

/* Where questions go; ask NULL: nobody is there. */
struct setup_io {
	void (*say)(void *ctx, const char *text);
	/* The answer, to be freed; "" for what is offered (in the prompt); NULL: no
	 * more will come. */
	char *(*ask)(void *ctx, const char *prompt);
	void *ctx;
};

/* "orchestrator" and so on, as bits of enum option_roles; 0: none of them. */
unsigned setup_role(const char *name);
/* given: flags, environment and answers from a file; what they say is not asked.
 * Appends the config file. ERR_CANCELLED: the person went away. ERR_INVALID: what
 * is missing or wrong, by its flag. */
struct err *setup_run(unsigned role, const struct config *given, const struct setup_io *io,
	struct str *out) must_check;

/* --- setup_check.c: is an answer right? Errors say what to do --- */
/* Nobody listens there. */
struct err *setup_check_port(const char *address, unsigned default_port) must_check;
/* Its host has an address. */
struct err *setup_check_host(const char *address, unsigned default_port) must_check;
/* The first of the URLs answers, and is of that network. */
struct err *setup_check_rpc(const char *urls, const char *network) must_check;
/* A file that can be read and is not empty. */
struct err *setup_check_file(const char *path) must_check;
/* There is a keyfile as the flags say, and, with a password there, it opens. */
struct err *setup_check_key(const struct config *c) must_check;
#endif
