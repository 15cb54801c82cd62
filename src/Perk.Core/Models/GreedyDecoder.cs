using Perk.Core.Lora;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>Greedy decoding with a key/value cache.</summary>
public static class GreedyDecoder
{
    /// <summary>Continues each prompt with the most probable token until a stop condition holds.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="adapter">The fast weights of P problems, or null.</param>
    /// <param name="prompts">
    /// Token ids of each prompt, decoded as one batch, padded on the left; as many for each problem, those of problem p together.
    /// </param>
    /// <param name="options">When to stop.</param>
    /// <param name="cancel">Checked before every token.</param>
    /// <returns>The new tokens of each prompt, without the stop token.</returns>
    /// <exception cref="ArgumentException">A prompt is empty or, with the tokens to come, longer than the model's window.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static IReadOnlyList<int[]> Decode(
        CausalLM model, Adapter? adapter, IReadOnlyList<IReadOnlyList<int>> prompts, DecodingOptions options, CancellationToken cancel = default) =>
        [.. DecodeScored(model, adapter, prompts, options, cancel).Select(row => row.Ids)];

    /// <summary>The same, with how probable each row is.</summary>
    /// <inheritdoc cref="Decode"/>
    public static IReadOnlyList<DecodedRow> DecodeScored(
        CausalLM model, Adapter? adapter, IReadOnlyList<IReadOnlyList<int>> prompts, DecodingOptions options, CancellationToken cancel = default)
    {
        var longest = prompts.Max(p => p.Count);
        if (adapter is not null && prompts.Count % adapter.Problems != 0)
            throw new ArgumentException($"{prompts.Count} prompts cannot be shared out among {adapter.Problems} adapters.", nameof(prompts));
        if (prompts.Any(p => p.Count == 0)) throw new ArgumentException("A prompt is empty.", nameof(prompts));
        if (longest + options.MaxNewTokens > model.MaxPositions)
        {
            throw new ArgumentException($"A prompt of {longest} tokens and {options.MaxNewTokens} new ones do not fit the model's "
                + $"window of {model.MaxPositions}; shorten the question or ask for fewer new tokens.", nameof(prompts));
        }

        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var cache = new KeyValueCache(model.Layers, [.. prompts.Select(p => longest - p.Count)], model.Device);
        var rows = prompts.Select(_ => new List<int>()).ToArray();
        var scores = new double[rows.Length];
        var open = Enumerable.Repeat(true, rows.Length).ToArray();
        var next = LeftPadded(prompts, longest, model.Device); // (B, longest)
        for (var n = 0; n < options.MaxNewTokens; n++)
        {
            cancel.ThrowIfCancellationRequested();
            var (tokens, logProbabilities) = MostProbable(model, adapter, next, cache);
            for (var row = 0; row < rows.Length; row++)
            {
                if (!open[row]) continue;
                if (options.StopIds.Contains(tokens[row]))
                {
                    open[row] = false;
                    continue;
                }

                rows[row].Add(tokens[row]);
                scores[row] += logProbabilities[row];
                open[row] = options.StopWhen?.Invoke(rows[row]) != true;
            }

            if (!open.Contains(true)) break;
            next.Dispose();
            next = tensor(tokens.Select(t => (long)t).ToArray(), device: model.Device).unsqueeze(1); // (B, 1)
        }

        return [.. rows.Zip(scores, (row, score) => new DecodedRow([.. row], row.Count == 0 ? 0 : score / row.Count))];
    }

    private static (int[] Ids, float[] LogProbabilities) MostProbable(CausalLM model, Adapter? adapter, Tensor ids, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        var hidden = model.Hidden(ids, adapter, cache);
        var logits = model.Logits(hidden.select(1, hidden.shape[1] - 1)); // (B, V)
        var best = logits.argmax(-1, keepdim: true); // (B, 1)
        var scores = logits.to(ScalarType.Float32).log_softmax(-1).gather(-1, best); // (B, 1)
        return ([.. best.cpu().data<long>().Select(id => (int)id)], scores.cpu().data<float>().ToArray());
    }

    private static Tensor LeftPadded(IReadOnlyList<IReadOnlyList<int>> prompts, int length, Device device)
    {
        var ids = new long[prompts.Count * length];
        for (var row = 0; row < prompts.Count; row++)
            for (var i = 0; i < prompts[row].Count; i++)
                ids[row * length + length - prompts[row].Count + i] = prompts[row][i];
        return tensor(ids, [prompts.Count, length], device: device);
    }
}

/// <summary>What a prompt was continued with.</summary>
/// <param name="Ids">The new tokens, without the stop token.</param>
/// <param name="MeanLogProbability">The mean of their log-probabilities in nats; 0 without tokens.</param>
public sealed record DecodedRow(int[] Ids, double MeanLogProbability);

/// <summary>When decoding stops.</summary>
public sealed record DecodingOptions
{
    /// <summary>The most tokens that are added to a prompt.</summary>
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>Tokens that end a row and are not part of it: the model's end of text.</summary>
    public IReadOnlyCollection<int> StopIds { get; init; } = [];

    /// <summary>A further test on the new tokens of a row, which ends it when true; the tokens stay part of it.</summary>
    public Func<IReadOnlyList<int>, bool>? StopWhen { get; init; }
}
