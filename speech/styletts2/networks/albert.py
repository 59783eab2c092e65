"""The phoneme language model PL-BERT, an ALBERT: one layer that is passed again and again.

Source: Li et al., "Phoneme-Level BERT for Enhanced Prosody of Text-to-Speech with Grapheme Predictions" (ICASSP 2023); Lan et
al., "ALBERT" (ICLR 2020). Parameters are called as in the published files.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-12


class Embeddings(nn.Module):
    """What each token is, and where it stands."""

    def __init__(self, symbols: int, width: int, longest: int, kinds: int) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(symbols, width)
        self.position_embeddings = nn.Embedding(longest, width)
        self.token_type_embeddings = nn.Embedding(kinds, width)
        self.LayerNorm = nn.LayerNorm(width, EPSILON)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, width)."""
        places = torch.arange(tokens.shape[1], device=tokens.device)
        here = self.word_embeddings(tokens) + self.token_type_embeddings(torch.zeros_like(tokens))
        return self.LayerNorm(here + self.position_embeddings(places))


class Attention(nn.Module):
    """Self-attention with its residual and norm."""

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.dense = (nn.Linear(hidden, hidden) for _ in range(4))
        self.LayerNorm = nn.LayerNorm(hidden, EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, hidden)."""

        def split(y: Tensor) -> Tensor:
            return y.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        seen = F.scaled_dot_product_attention(split(self.query(x)), split(self.key(x)), split(self.value(x)))
        return self.LayerNorm(x + self.dense(seen.transpose(1, 2).flatten(2)))


class Layer(nn.Module):
    """The layer that all passes share."""

    def __init__(self, hidden: int, inner: int, heads: int) -> None:
        super().__init__()
        self.attention = Attention(hidden, heads)
        self.ffn, self.ffn_output = nn.Linear(hidden, inner), nn.Linear(inner, hidden)
        self.full_layer_layer_norm = nn.LayerNorm(hidden, EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, hidden)."""
        x = self.attention(x)
        return self.full_layer_layer_norm(x + self.ffn_output(F.gelu(self.ffn(x), approximate="tanh")))


class Encoder(nn.Module):
    """The passes."""

    def __init__(self, width: int, hidden: int, inner: int, heads: int, passes: int) -> None:
        super().__init__()
        self.passes = passes
        self.embedding_hidden_mapping_in = nn.Linear(width, hidden)
        self.layer = Layer(hidden, inner, heads)

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, hidden)."""
        x = self.embedding_hidden_mapping_in(x)
        for _ in range(self.passes):
            x = self.layer(x)
        return x


class PhonemeBert(nn.Module):
    """Tokens to what they mean in their sentence."""

    def __init__(
        self, symbols: int, width: int, longest: int, kinds: int, hidden: int, inner: int, heads: int, passes: int
    ) -> None:
        super().__init__()
        self.embeddings = Embeddings(symbols, width, longest, kinds)
        self.encoder = Encoder(width, hidden, inner, heads, passes)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, hidden) of tokens (B, N), N at most the longest."""
        return self.encoder(self.embeddings(tokens))
