using System.Diagnostics;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;

namespace Perk.Core.Documents;

/// <summary>Answers questions from an adapter alone: the document's text is not read.</summary>
/// <param name="checkpoint">The checkpoint the adapter was made with.</param>
public sealed class QuestionAnswerer(Checkpoint checkpoint)
{
    /// <summary>The longest answer, in tokens, of a checkpoint that says nothing else.</summary>
    public const int StandardNewTokens = 64;

    private const int PromptsPerBatch = 32;

    /// <summary>Prompts that hold a document are long: fewer of them at once.</summary>
    private const int TokensPerBatch = 16_384;

    /// <summary>Why a question cannot be asked, or null where it can: with its answer it must fit the model's window.</summary>
    public string? Refusal(int segments, string question, int? maxNewTokens = null)
    {
        var length = PromptFormat.Question(checkpoint.Tokenizer, segments, question).Length;
        var (answer, window) = (maxNewTokens ?? checkpoint.MaxNewTokens, checkpoint.Model.MaxPositions);
        return length + answer <= window ? null
            : $"The question takes {length} tokens and its answer up to {answer}; "
                + $"{checkpoint.ModelName} reads {window} together. Shorten the question.";
    }

    /// <summary>Answers on the calling thread, greedily.</summary>
    /// <param name="adapter">The document's adapter; null asks the base model alone.</param>
    /// <param name="segments">How many segments the document was written as.</param>
    /// <param name="questions">The questions, decoded in padded batches.</param>
    /// <param name="maxNewTokens">The longest answer, in tokens; null for what the checkpoint says.</param>
    /// <param name="cancel">Checked before each token.</param>
    /// <exception cref="ArgumentException">A question does not fit the model's window.</exception>
    /// <exception cref="OperationCanceledException"/>
    public IReadOnlyList<DecodedAnswer> Answer(
        Adapter? adapter, int segments, IReadOnlyList<string> questions, int? maxNewTokens = null, CancellationToken cancel = default) =>
        Answer(adapter, [.. questions.Select(q => PromptFormat.Question(checkpoint.Tokenizer, segments, q))], maxNewTokens, cancel);

    /// <summary>Answers prompts on the calling thread, greedily.</summary>
    /// <param name="adapter">An adapter, or null for the base model alone.</param>
    /// <param name="prompts">Token ids, decoded in padded batches.</param>
    /// <param name="maxNewTokens">The longest answer, in tokens; null for what the checkpoint says.</param>
    /// <param name="cancel">Checked before each token.</param>
    /// <exception cref="ArgumentException">A prompt does not fit the model's window.</exception>
    /// <exception cref="OperationCanceledException"/>
    public IReadOnlyList<DecodedAnswer> Answer(
        Adapter? adapter, IReadOnlyList<int[]> prompts, int? maxNewTokens = null, CancellationToken cancel = default)
    {
        var tokenizer = checkpoint.Tokenizer;
        var options = new DecodingOptions
        {
            MaxNewTokens = maxNewTokens ?? checkpoint.MaxNewTokens,
            StopIds = tokenizer.BosId is { } bos ? [tokenizer.EosId, bos] : [tokenizer.EosId],
            StopWhen = ids => PromptFormat.IsComplete(tokenizer.Decode(ids)),
        };
        var answers = new List<DecodedAnswer>();
        var longest = prompts.Count == 0 ? 1 : prompts.Max(p => p.Length);
        foreach (var batch in prompts.Chunk(Math.Clamp(TokensPerBatch / longest, 1, PromptsPerBatch)))
        {
            var clock = Stopwatch.StartNew();
            var rows = GreedyDecoder.DecodeScored(checkpoint.Model, adapter, batch, options, cancel);
            foreach (var row in rows)
            {
                var text = tokenizer.Decode(row.Ids);
                answers.Add(new DecodedAnswer(text, PromptFormat.Parse(text), row.Ids.Length, row.MeanLogProbability, clock.Elapsed));
            }
        }

        return answers;
    }
}

/// <summary>What the model said.</summary>
/// <param name="Text">The decoded text as it is.</param>
/// <param name="Parsed">Answer and support in it.</param>
/// <param name="Tokens">Its length.</param>
/// <param name="MeanLogProbability">The mean log-probability of its tokens in nats.</param>
/// <param name="Elapsed">The time its batch took.</param>
public sealed record DecodedAnswer(string Text, ParsedAnswer Parsed, int Tokens, double MeanLogProbability, TimeSpan Elapsed);
