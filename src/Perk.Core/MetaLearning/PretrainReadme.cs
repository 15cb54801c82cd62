using System.Globalization;
using System.Text;
using System.Text.Json;
using Perk.Core.Training;

namespace Perk.Core.MetaLearning;

/// <summary>What is said beside a pretrained model.</summary>
internal static class PretrainReadme
{
    private const int LastSteps = 50;

    /// <summary>The text.</summary>
    internal static string Write(
        PretrainRecipe recipe, string hash, IEnumerable<string> books, long parameters, int vocabulary, IReadOnlyList<PretrainMetric> metrics)
    {
        var text = new StringBuilder();
        var model = recipe.Model;
        text.Append(CultureInfo.InvariantCulture, $"""
            # {recipe.Name}

            A language model of {parameters:#,0} parameters in Qwen2's configuration ({model.Layers} layers, hidden size {model.HiddenSize}, {model.Heads} heads,
            vocabulary {vocabulary}, context {model.MaxPositions}, float32), in Hugging Face's layout. It knows the text below and next to nothing else: a
            base for memory adapters, not a model to talk to.

            Made by `perk pretrain` with the recipe at the end; sha256 of recipe and books `{hash}`.
            {metrics.Count:#,0} steps, {metrics.Sum(m => (long)m.Tokens):#,0} tokens, {metrics.Sum(m => m.Seconds) / 60:0.0} minutes.
            The tokenizer is the first {recipe.Merges:#,0} merges of GPT-2's (MIT licence) with Qwen2's words: every digit is a token.

            Read: {string.Join(", ", books.Order(StringComparer.Ordinal))}; simulated stories (words: {string.Join(", ", recipe.Mixture.Select(m => m.World).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}) and registers, none with a word of the test lists.
            Held out: {(recipe.HeldOutBooks.Count > 0 ? string.Join(", ", recipe.HeldOutBooks) : "nothing")}; the test lists.

            In the last {Math.Min(LastSteps, metrics.Count)} steps (loss in nats per token with loss; right: sequences of which every such token was the likeliest):

            | kind | loss | right |
            |---|---|---|

            """);
        foreach (var kind in metrics.TakeLast(LastSteps).SelectMany(m => m.Kinds).GroupBy(k => k.Key, k => k.Value).OrderBy(g => g.Key))
        {
            var (right, sequences) = (kind.Sum(k => k.Right), kind.Sum(k => k.Sequences));
            var loss = kind.Sum(k => k.Loss * k.Sequences) / Math.Max(1, sequences);
            text.Append(CultureInfo.InvariantCulture, $"| {Name(kind.Key)} | {loss:0.000} | {right} of {sequences} |\n");
        }

        text.Append("\n```json\n").Append(JsonSerializer.Serialize(recipe, Json.Indented)).Append("\n```\n");
        return text.Replace("\r\n", "\n").ToString();
    }

    private static string Name(MixtureKind kind) => JsonSerializer.Serialize(kind, Json.Compact).Trim('"');
}
