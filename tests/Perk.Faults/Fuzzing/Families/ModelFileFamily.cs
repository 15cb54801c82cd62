using Perk.Core;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Files of models, adapters and checkpoints: read, or refused by a <see cref="ModelFileException"/> that begins with the file.</summary>
internal abstract class ModelFileFamily : Family
{
    /// <inheritdoc/>
    public override bool IsRefusal(Exception e) => e is ModelFileException;

    /// <inheritdoc/>
    public override bool NamesInput(Exception refusal) =>
        refusal is ModelFileException { File: { Length: > 0 } file } && refusal.Message.StartsWith(file + ": ", StringComparison.Ordinal) && refusal.Message.Length > file.Length + 4;
}
