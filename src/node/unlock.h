#ifndef SRC_NODE_UNLOCK_H
#define SRC_NODE_UNLOCK_H
/* From the flags to a signer: which account, where its keyfile is, what opens
 * it. Runs before the node's process is forked off, so that a person can be
 * asked; main's thread. Source: go-livepeer cmd/livepeer/starter,
 * eth/accountmanager.go. Unlike there, no account is ever made here: a node
 * that finds no key says how to get one. */
#include "src/crypto/signer.h"
#include "src/node/config.h"

/* *out is NULL on the offchain network, which needs no key. note() gets what
 * the operator should know, one call each. Takes about a second. */
struct err *unlock_signer(const struct config *c, void (*note)(void *ctx, const char *text),
	void *ctx, struct signer **out) must_check;
/* The directory of keyfiles that the flags mean, and the address of a file
 * named by -ethKeystorePath (zero: none was named). free() *dir. */
struct err *unlock_directory(const struct config *c, char **dir, struct eth_addr *named)
	must_check;
/* The password of the flags or of systemd; *out NULL: none was given. */
struct err *unlock_password(const struct config *c, void (*note)(void *ctx,
	const char *text), void *ctx, char **out) must_check;
#endif
