using System.Globalization;

namespace Perk.Core.Lora;

/// <summary>The README.md that lies beside an adapter's files and says what they are and how other tools load them.</summary>
public static class AdapterReadme
{
    /// <summary>The name of the file.</summary>
    public const string Name = "README.md";

    /// <summary>Writes it.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="id">Its id.</param>
    /// <param name="baseModel">The base model's name.</param>
    /// <param name="document">The document id.</param>
    /// <param name="segments">How many segments the document was written as.</param>
    public static string Write(Adapter adapter, string id, string baseModel, string document, int segments) => string.Create(CultureInfo.InvariantCulture, $"""
        ---
        base_model: {baseModel}
        library_name: peft
        ---
        # Memory adapter {id}

        A LoRA adapter (rank {adapter.Options.Rank}, alpha {adapter.Options.Alpha}, scaled by {(adapter.Options.RankStabilised ? "alpha / √rank" : "alpha / rank")}) that
        Perk.Serverless wrote document {document} into, in {segments} segments. It belongs to the base model {baseModel} and means nothing
        to another. It can reproduce its text: keep it as secret as the document.

        ```python
        from peft import PeftModel
        from transformers import AutoModelForCausalLM
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("{baseModel}"), "path/to/this/folder")
        ```

        vLLM: `vllm serve {baseModel} --enable-lora --max-lora-rank {VllmRank(adapter.Options.Rank)} --lora-modules {id}=path/to/this/folder`. Its id is
        a hash of what it was made from, so a server may cache it by that name.

        It was written for this prompt:

        ```
        You have memorized {segments} documents.
        {"{question}"}
        Answer:
        ```

        """).Replace("\r\n", "\n", StringComparison.Ordinal);

    /// <summary>The least of vLLM's maximum ranks that holds a rank.</summary>
    private static int VllmRank(int rank)
    {
        int[] allowed = [8, 16, 32, 64, 128, 256, 320, 512];
        return Array.Find(allowed, r => r >= rank) is var fit and > 0 ? fit : rank;
    }
}
