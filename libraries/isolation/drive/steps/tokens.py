"""Tokens that the suite makes itself (RFC 7519), with keys of every usual form."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt

from isolation.settings.errors import SettingsError
from isolation.target.interpreter import TokenToSign, fill_step
from isolation.target.model import JwtRecipe, JwtStep
from isolation.target.placeholders import UnfilledPlaceholder


class TokenMint:
    """Makes tokens by a recipe of the target file, also such as no step would make.

    Args:
        words: Secrets and doors by word: they fill the recipe's key.

    Raises:
        SettingsError: When the key is not there, or is none for the algorithm.
    """

    def __init__(self, recipe: JwtRecipe, words: Mapping[str, object]) -> None:
        """Read the key."""
        self._step = JwtStep(jwt=recipe)
        self._words = words
        self.secret = self._filled({}).key
        """The key as the credentials hold it; never shown."""

    @property
    def recipe(self) -> JwtRecipe:
        """The recipe."""
        return self._step.jwt

    def claims(self, words: Mapping[str, object]) -> dict[str, object]:
        """The claims of a good token of the user whose words these are, valid from now on."""
        return _all_claims(self._filled(words))

    def sign(self, claims: Mapping[str, object], headers: Mapping[str, object] | None = None) -> str:
        """A token with exactly these claims."""
        filled = self._filled({})
        key, kid = _read_key(filled)
        own = {"kid": kid} if kid else {}
        return jwt.encode(
            dict(claims), key, algorithm=filled.algorithm, headers={**own, **filled.headers, **(headers or {})}
        )

    def mint(self, words: Mapping[str, object]) -> str:
        """A good token of that user."""
        return sign_token(self._filled(words))

    def _filled(self, words: Mapping[str, object]) -> TokenToSign:
        try:
            filled = fill_step(self._step, {**self._words, **words}, {})
        except UnfilledPlaceholder as missing:
            raise SettingsError(
                f"the token needs '{missing}', which is in neither the credentials file nor the environment"
            ) from None
        assert isinstance(filled, TokenToSign)
        return filled


def sign_token(token: TokenToSign) -> str:
    """A token as it was asked for.

    Raises:
        SettingsError: When its key is none for its algorithm.
    """
    key, kid = _read_key(token)
    headers = {**({"kid": kid} if kid else {}), **token.headers}
    try:
        return jwt.encode(_all_claims(token), key, algorithm=token.algorithm, headers=headers)
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise SettingsError(
            f"no {token.algorithm} token can be signed with this key ({type(error).__name__})"
        ) from None


def _all_claims(token: TokenToSign) -> dict[str, object]:
    now = int(time.time())
    usual = {"iat": now, "nbf": now, "exp": now + int(token.lifetime_s), "jti": uuid.uuid4().hex}
    return {name: value for name, value in {**usual, **token.claims}.items() if value is not None}


def _read_key(recipe: TokenToSign) -> tuple[Any, str]:
    text = recipe.key
    if recipe.algorithm.startswith("HS") and not text.lstrip().startswith("{"):
        return text, recipe.kid
    content = text
    if "-----BEGIN" not in text and not text.lstrip().startswith("{"):
        try:
            content = Path(text).read_text(encoding="utf-8")
        except (OSError, ValueError):
            raise SettingsError(
                f"the key for {recipe.algorithm} is neither a PEM text nor a JWK nor the path of a file with one"
            ) from None
    if not content.lstrip().startswith("{"):
        return content, recipe.kid
    return _from_jwks(recipe, content)


def _from_jwks(recipe: TokenToSign, content: str) -> tuple[Any, str]:
    try:
        document = json.loads(content)
        keys = document.get("keys", [document])
        own = next(key for key in keys if not recipe.kid or key.get("kid") == recipe.kid)
        key = jwt.PyJWK(own, algorithm=recipe.algorithm)
    except StopIteration:
        raise SettingsError(f"the JWKS has no key with the id '{recipe.kid}'") from None
    except (ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
        raise SettingsError(
            f"the key is no JWK or JWKS with a private key for {recipe.algorithm} ({type(error).__name__})"
        ) from None
    return key.key, recipe.kid or str(own.get("kid") or "")
