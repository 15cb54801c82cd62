using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>
/// Keys and values of the tokens read so far, so that decoding reads each token once. Rows may be padded on the left; a padded
/// column is seen by nothing but itself.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor?[] _keys, _values; // (B, Hkv, Length, D) of each layer
    private readonly Tensor _padding; // (B, 1)

    /// <summary>An empty cache.</summary>
    /// <param name="layers">The model's layers.</param>
    /// <param name="padding">How many columns at the left of each row are padding.</param>
    /// <param name="device">The model's device.</param>
    public KeyValueCache(int layers, IReadOnlyList<int> padding, Device device)
    {
        _keys = new Tensor?[layers];
        _values = new Tensor?[layers];
        Padded = padding.Any(p => p > 0);
        _padding = tensor(padding.Select(p => (long)p).ToArray(), device: device).unsqueeze(1).DetachFromDisposeScope();
    }

    /// <summary>Tokens held, padding included.</summary>
    public long Length { get; private set; }

    private bool Padded { get; }

    /// <summary>The positions of the next tokens in each row, counted without the padding (which gets position 0).</summary>
    /// <returns>Integer (B, T).</returns>
    internal Tensor Positions(long tokens) => (Columns(Length, tokens) - _padding).AtLeast(0);

    /// <summary>Which columns the next tokens may look at.</summary>
    /// <returns>Boolean (B, 1, T, Length + T); null where plain causal attention says the same.</returns>
    internal Tensor? Mask(long tokens)
    {
        if (Length == 0 && !Padded) return null;
        var keys = Columns(0, Length + tokens).unsqueeze(0); // (1, 1, K)
        var queries = Columns(Length, tokens).unsqueeze(-1); // (1, T, 1)
        var causal = keys <= queries; // (1, T, K)
        // A padded query looks at itself: a row of the softmax without any key would be NaN.
        return (causal & ((keys >= _padding.unsqueeze(-1)) | (keys == queries))).unsqueeze(1);
    }

    /// <summary>Adds a layer's keys and values of the next tokens, each (B, Hkv, T, D), and returns all of that layer's.</summary>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values) =>
        (Grow(ref _keys[layer], keys), Grow(ref _values[layer], values));

    /// <summary>Counts the tokens that every layer has appended.</summary>
    internal void Advance(long tokens) => Length += tokens;

    private Tensor Columns(long from, long count) => Arithmetic.Range(from, from + count, _padding.device).unsqueeze(0); // (1, count)

    private static Tensor Grow(ref Tensor? held, Tensor more)
    {
        var all = (held is null ? more.clone() : cat([held, more], 2)).DetachFromDisposeScope();
        held?.Dispose();
        return held = all;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _padding.Dispose();
        foreach (var tensor in _keys.Concat(_values)) tensor?.Dispose();
    }
}
