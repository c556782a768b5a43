#ifndef SRC_NODE_UNLOCK_H
#define SRC_NODE_UNLOCK_H
/* From the flags to a signer: which account, where its keyfile is, what opens
 * it. Runs before the node's process is forked off, so that a person can be
 * asked; main's thread. Source: go-livepeer cmd/livepeer/starter,
 * eth/accountmanager.go. Unlike there, no account is ever made here: a node
 * that finds no key says how to get one; and a keyfile named by -ethKeystorePath
 * is the one that is opened, not one of its address elsewhere. */
#include "src/crypto/signer.h"
#include "src/node/config.h"
#include "src/node/keydir.h"

/* What the operator should know, one call each. */
struct remarks {
	void (*fn)(void *ctx, const char *text);
	void *ctx;
};

/* *out is NULL on the offchain network, which needs no key. Takes about half a
 * second, or as long as a person types. From here on the process is one that
 * leaves no core. */
struct err *unlock_signer(const struct config *c, struct remarks r, struct signer **out)
	must_check;

/* --- its parts, for `weir account` --- */
/* The directory of keyfiles that the flags mean; free() it. */
char *unlock_directory(const struct config *c);
/* The keyfile that the flags mean, mode and all; keydir_entry_clear() it. */
struct err *unlock_choose(const struct config *c, struct remarks r,
	struct keydir_entry *out) must_check;
/* The password of the flags or of systemd, and in *whence which of them; *out
 * NULL: none was given. passphrase_free() it. */
struct err *unlock_password(const struct config *c, struct remarks r, char **out,
	const char **whence) must_check;
struct err *unlock_password_file(const char *path, struct remarks r, char **out)
	must_check;
/* With a password, or, NULL, with none or one that a person is asked for. */
struct err *unlock_entry(const struct keydir_entry *k, const char *password,
	const char *whence, struct remarks r, struct signer **out) must_check;
#endif
